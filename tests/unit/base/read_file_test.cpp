// SPDX-License-Identifier: Apache-2.0
#include "graft/base/read_file.hpp"

#include <string>

#include <gtest/gtest.h>

#include "graft/base/atomic_file.hpp"
#include "graft/error.hpp"

#include "support.hpp"

namespace graft {
namespace {

ErrorKind kind_of_reading(const std::filesystem::path& file, std::uintmax_t most) {
  try {
    (void)read_file(file, most);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos);
    return error.kind();
  }
  ADD_FAILURE() << "expected an error";
  return ErrorKind::internal;
}

TEST(ReadFile, ReturnsAllBytes) {
  const test::TemporaryFolder folder;
  const std::string bytes("a\0\r\n\xff", 5);
  write_file_atomically(folder.path() / "a", bytes);
  EXPECT_EQ(read_file(folder.path() / "a", bytes.size()), bytes);
  write_file_atomically(folder.path() / "empty", "");
  EXPECT_EQ(read_file(folder.path() / "empty", 0), "");
}

TEST(ReadFile, ErrorsNameTheFile) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder.path() / "a", "12345");
  EXPECT_EQ(kind_of_reading(folder.path() / "a", 4), ErrorKind::bad_file);
  EXPECT_EQ(kind_of_reading(folder.path() / "none", 4), ErrorKind::not_found);
  EXPECT_EQ(kind_of_reading(folder.path(), 4), ErrorKind::io);
}

}  // namespace
}  // namespace graft

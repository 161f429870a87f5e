// SPDX-License-Identifier: Apache-2.0
#include "graft/base/scratch_file.hpp"

#include <array>
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "support.hpp"

namespace graft {
namespace {

TEST(ScratchFile, ReadsBackWhatWasWrittenAndLeavesNothing) {
  const test::TemporaryFolder folder;
  ScratchFile file(folder.path() / "new" / "folder");
  const std::array<std::byte, 3> first{std::byte{1}, std::byte{2}, std::byte{3}};
  file.write(10, first);
  file.write(0, std::span(first).first(1));
  std::array<std::byte, 3> read{};
  file.read(10, read);
  EXPECT_EQ(read, first);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "new" / "folder"));
}

TEST(ScratchFile, MapsMemoryThatOutlivesIt) {
  test::TemporaryFolder folder;
  std::shared_ptr<void> memory = ScratchFile(folder.path()).map(100000);
  auto* bytes = static_cast<unsigned char*>(memory.get());
  EXPECT_EQ(bytes[99999], 0);
  bytes[99999] = 7;
  EXPECT_EQ(bytes[99999], 7);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_THROW(static_cast<void>(ScratchFile(folder.path()).map(std::size_t{1} << 60)), Error);
}

TEST(ScratchFile, ReportsTheDefect) {
  const test::TemporaryFolder folder;
  ScratchFile file(folder.path());
  std::array<std::byte, 3> read{};
  EXPECT_THROW(file.read(0, read), Error);
  try {
    const ScratchFile nowhere("/proc/no such folder");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_NE(std::string(error.what()).find("/proc/no such folder"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace graft

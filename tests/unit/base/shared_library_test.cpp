// SPDX-License-Identifier: Apache-2.0
#include "graft/base/shared_library.hpp"

#include <string>

#include <gtest/gtest.h>

#include "graft/error.hpp"

namespace graft::base {
namespace {

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    return error.what();
  }
  return "no error";
}

TEST(SharedLibrary, FindsFunctions) {
  const SharedLibrary library("libm.so.6", "cosines are computed by the C library", "libc6");
  double (*cosine)(double) = nullptr;
  library.load("cos", cosine);
  EXPECT_EQ(cosine(0), 1);
}

TEST(SharedLibrary, ErrorsNameTheFileAndWhatToInstall) {
  const std::string missing = message_of(
      [] { const SharedLibrary library("libnothing.so.7", "nothing is read by libnothing", "nothing"); });
  EXPECT_TRUE(missing.starts_with("nothing is read by libnothing, and libnothing.so.7 cannot be loaded ("))
      << missing;
  EXPECT_TRUE(missing.ends_with("); install nothing")) << missing;
  EXPECT_EQ(message_of([] {
              const SharedLibrary library("libm.so.6", "cosines are computed by the C library", "libc6");
              void (*none)() = nullptr;
              library.load("no_such_function", none);
            }),
            "libm.so.6 has no function no_such_function; install libc6 once more");
}

}  // namespace
}  // namespace graft::base

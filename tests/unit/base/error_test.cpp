// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "graft/base/fail.hpp"

namespace graft {
namespace {

TEST(Fail, JoinsItsPartsAndNamesNoOption) {
  try {
    fail(ErrorKind::not_found, "layer ", 3, " of '", std::string("vgg16"), "'");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_STREQ(error.what(), "layer 3 of 'vgg16'");
    EXPECT_EQ(error.option(), "");
  }
}

TEST(FailOption, NamesTheOptionsField) {
  try {
    fail_option(ErrorKind::invalid_argument, "batch_size", "batch_size must be positive, received ", -1);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_STREQ(error.what(), "batch_size must be positive, received -1");
    EXPECT_EQ(error.option(), "batch_size");
  }
}

}  // namespace
}  // namespace graft

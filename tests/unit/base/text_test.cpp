// SPDX-License-Identifier: Apache-2.0
#include "graft/base/text.hpp"

#include <gtest/gtest.h>

namespace graft {
namespace {

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(138357544), "138,357,544");
  EXPECT_EQ(with_commas(-123456), "-123,456");
  EXPECT_EQ(percent(0.993), "99.3 %");
  EXPECT_EQ(percent(1), "100.0 %");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(split("a|", '|'), (std::vector<std::string>{"a", ""}));
}

}  // namespace
}  // namespace graft

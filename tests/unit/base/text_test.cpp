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

TEST(Text, CommaListNamesTheFirstOnes) {
  const std::vector<std::string> names{"a", "b", "c"};
  EXPECT_EQ(comma_list(names), "a, b, c");
  EXPECT_EQ(comma_list(names, {}, 3), "a, b, c");
  EXPECT_EQ(comma_list(names, {}, 2), "a, b, ...");
  EXPECT_EQ(comma_list(std::vector<std::string>{}), "");
  EXPECT_EQ(comma_list(names, [](const std::string& name) { return name + "!"; }), "a!, b!, c!");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(split("a|", '|'), (std::vector<std::string>{"a", ""}));
}

TEST(Text, ShownTextStaysOnItsLineAndCannotCommandATerminal) {
  EXPECT_EQ(shown("a b-\xC3\xA9\xE7\x8C\xAB.jpg"), "a b-\xC3\xA9\xE7\x8C\xAB.jpg");
  EXPECT_EQ(shown("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(shown_lines("a\nb\tc"), "a\nb\tc");
  EXPECT_EQ(shown("\x1B[2J"), "\\x1b[2J");
  EXPECT_EQ(shown_lines("\x1B[2J\r"), "\\x1b[2J\\x0d");
  EXPECT_EQ(shown("\xC2\x9B"), "\\u009b");  // one character that begins a command
  EXPECT_EQ(shown("\xE2\x80\xAE"
                  "gpj.x"),
            "\\u202egpj.x");  // turns the text around
  EXPECT_EQ(shown("caf\xE9"), "caf\\xe9");
}

TEST(Text, Utf8IsCheckedToTheLastByte) {
  for (const char* valid : {"", "a", "\xC3\xA9", "\xE7\x8C\xAB", "\xF0\x9F\x90\xB1"})
    EXPECT_TRUE(is_utf8(valid)) << valid;
  for (const char* broken : {"\xE9", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\x80"})
    EXPECT_FALSE(is_utf8(broken)) << broken;
}

}  // namespace
}  // namespace graft

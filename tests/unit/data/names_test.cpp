// SPDX-License-Identifier: Apache-2.0
#include "data/listing/names.hpp"

#include <gtest/gtest.h>

namespace graft::data {
namespace {

TEST(Names, EqualWhereTheyLookTheSame) {
  const std::pair<const char*, const char*> same[] = {
      {"caf\u00E9", "cafe\u0301"},
      {"\u1E69", "s\u0323\u0307"},                  // two marks
      {"q\u0323\u0307", "q\u0307\u0323"},           // in any order
      {"\uAC01", "\u1100\u1161\u11A8"},             // Hangul
      {"\uF900", "\u8C48"},                         // a CJK compatibility character
      {"\U0001D15E", "\U0001D157\U0001D165"},       // above U+FFFF
      {"\u05D1\u05BC\u05B7", "\u05D1\u05B7\u05BC"}  // Hebrew points
  };
  for (const auto& [one, other] : same) {
    EXPECT_EQ(same_look(one), same_look(other)) << one;
    EXPECT_EQ(same_letters(one), same_letters(other)) << one;
  }
  EXPECT_NE(same_look("cafe"), same_look("caf\u00E9"));
  EXPECT_NE(same_look("e\u0301\u0300"),
            same_look("e\u0300\u0301"));  // one above the other: they look different
}

TEST(Names, EqualInAnotherCase) {
  const std::pair<const char*, const char*> same[] = {
      {"Cats", "cATS"},           {"\u00C4pfel", "a\u0308pfel"},
      {"stra\u00DFe", "STRASSE"}, {"\u0394\u03AD\u03BB\u03C4\u03B1", "\u0394\u0388\u039B\u03A4\u0391"},
      {"\u0416", "\u0436"},       {"\U00010400", "\U00010428"}};
  for (const auto& [one, other] : same) {
    EXPECT_EQ(same_letters(one), same_letters(other)) << one;
    EXPECT_NE(same_look(one), same_look(other)) << one;
  }
}

TEST(Names, BytesThatAreNotUtf8Stay) {
  EXPECT_NE(same_look("caf\xE9"), same_look("caf\xE8"));
  EXPECT_EQ(same_look("\xE9"), same_look("\xE9"));
  EXPECT_EQ(same_look("\xE9t\u00E9"), same_look("\xE9te\u0301"));
  EXPECT_NE(same_look("\xFFx"), same_look("x"));
  EXPECT_EQ(same_look("").size(), 0U);
}

}  // namespace
}  // namespace graft::data

// SPDX-License-Identifier: Apache-2.0
// A photo's part follows from its content: what happens to other photos does not move it.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

/// Photos by content, with their classes.
struct Collection {
  std::vector<std::string> prints;
  std::vector<int> labels;

  void add(int from, int count, int classes) {
    for (int i = from; i < from + count; ++i) {
      prints.push_back("photo " + std::to_string(i));
      labels.push_back(i % classes);
    }
  }
  [[nodiscard]] std::map<std::string, Part> parts(std::uint64_t seed = 42, bool needs_test = true) const {
    const Split split =
        split_by_content({.labels = labels, .prints = prints, .needs_test = needs_test, .seed = seed});
    std::map<std::string, Part> found;
    for (const std::size_t i : split.train) found[prints[i]] = Part::train;
    for (const std::size_t i : split.validation) found[prints[i]] = Part::validation;
    for (const std::size_t i : split.test) found[prints[i]] = Part::test;
    return found;
  }
};

TEST(SplitByContent, EveryPhotoHasOnePartAndTheSharesAreAboutThoseWanted) {
  Collection photos;
  photos.add(0, 4000, 5);
  const auto parts = photos.parts();
  ASSERT_EQ(parts.size(), 4000U);
  std::map<Part, int> counts;
  for (const auto& [print, part] : parts) ++counts[part];
  EXPECT_NEAR(counts[Part::test], 600, 75);
  EXPECT_NEAR(counts[Part::validation], 600, 75);
  EXPECT_NE(photos.parts(1), photos.parts(2));
  EXPECT_EQ(photos.parts(1), photos.parts(1));
}

TEST(SplitByContent, AddedAndRelabelledPhotosDoNotMoveTheOthers) {
  Collection photos;
  photos.add(0, 300, 3);
  const auto before = photos.parts();
  Collection more = photos;
  more.add(1000, 900, 3);  // beyond a thousand photos, too
  for (std::size_t i = 0; i < 300; i += 7) more.labels[i] = (more.labels[i] + 1) % 3;
  std::rotate(more.prints.begin(), more.prints.begin() + 100, more.prints.end());
  std::rotate(more.labels.begin(), more.labels.begin() + 100, more.labels.end());
  const auto after = more.parts();
  for (const auto& [print, part] : before) EXPECT_EQ(after.at(print), part) << print;
}

TEST(SplitByContent, ATestFolderLeavesTheValidationPhotosAsTheyAre) {
  Collection photos;
  photos.add(0, 300, 3);
  const auto with = photos.parts(42, true);
  const auto without = photos.parts(42, false);
  for (const auto& [print, part] : with)
    EXPECT_EQ(without.at(print), part == Part::test ? Part::train : part) << print;
}

TEST(SplitByContent, SmallClassesAreInEveryPart) {
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    Collection photos;
    photos.add(0, 12, 4);  // three of each
    const auto parts = photos.parts(seed);
    std::map<Part, std::set<int>> classes;
    for (std::size_t i = 0; i < photos.prints.size(); ++i)
      classes[parts.at(photos.prints[i])].insert(photos.labels[i]);
    for (const Part part : {Part::train, Part::validation, Part::test})
      EXPECT_EQ(classes[part].size(), 4U) << seed;
  }
}

TEST(SplitByContent, AGroupStaysTogether) {
  Collection photos;
  photos.add(0, 400, 2);
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < 400; ++i) groups.push_back(i / 8);
  const Split split = split_by_content({.labels = photos.labels, .prints = photos.prints, .groups = groups});
  std::map<std::size_t, int> where;
  int number = 0;
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    EXPECT_GT(part->size(), 16U);
    for (const std::size_t i : *part) {
      const auto [known, added] = where.emplace(groups[i], number);
      EXPECT_EQ(known->second, number);
    }
    ++number;
  }
}

}  // namespace
}  // namespace graft::transfer

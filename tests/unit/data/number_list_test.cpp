// SPDX-License-Identifier: Apache-2.0
// Lists with a number for each photo.
#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Numbers = std::vector<float>;

class NumberList : public testing::Test {
 protected:
  NumberList() {
    for (const char* name : {"1.ppm", "2.ppm", "3.ppm"})
      test::write_file(root() / name, test::ppm(1, 1, {1, 2, 3}));
  }
  [[nodiscard]] data::PhotoList list(const std::string& text, const Names& targets = {},
                                     const std::string& columns = "") const {
    test::write_file(root() / "list.csv", text);
    data::ListOptions options;
    options.labels.file = root() / "list.csv";
    options.labels.targets = targets;
    if (!columns.empty()) options.labels.columns = data::parse_label_columns(columns);
    return data::list_photos(root(), options);
  }
  [[nodiscard]] Names paths(const data::PhotoList& list) const { return test::relative(list.paths, root()); }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

std::string number_notes(const data::PhotoList& list) {
  std::string text;
  for (const std::string& note : list.notes) text += note + "\n";
  return text;
}

bool number_notes_speak(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST_F(NumberList, ColumnsAreNamed) {
  const data::PhotoList found =
      list("file,age,mood,height\n3.ppm,41,a,1.8\n1.ppm,-2e1,b,+0.5\n2.ppm,7,c,3\n", {"age", "height"});
  EXPECT_EQ(paths(found), (Names{"1.ppm", "2.ppm", "3.ppm"}));
  EXPECT_EQ(found.targets, (Numbers{-20, 0.5F, 7, 3, 41, 1.8F}));
  EXPECT_EQ(found.class_names, (Names{"age", "height"}));
  EXPECT_TRUE(found.labels.empty() && found.label_sets.empty());
  EXPECT_TRUE(number_notes_speak(number_notes(found), "a number from 'age', 'height'; not used: 'mood'"))
      << number_notes(found);
  const data::PhotoSet photos = data::load_photos(found);
  EXPECT_EQ(photos.targets().shape(), (Shape{3, 2}));
  const data::Dataset some = photos.subset(std::vector<std::size_t>{2, 0}, {.batch_size = 8});
  EXPECT_EQ(some.targets().data<float>()[0], 41);
  EXPECT_EQ(some.targets().data<float>()[3], 0.5F);
  data::BatchIterator batches = some.iterate();
  EXPECT_EQ(batches.next()->labels.data<float>()[1], 1.8F);
}

TEST_F(NumberList, AColumnOfLabelsIsGuessedWhereNotAllAreWhole) {
  const std::string text = "file,label,split\n1.ppm,1.5,train\n2.ppm,2,test\n3.ppm,3,\n";
  const data::PhotoList found = list(text);
  EXPECT_EQ(found.targets, (Numbers{1.5F, 2, 3}));
  EXPECT_EQ(found.parts.size(), 3U);
  EXPECT_TRUE(number_notes_speak(number_notes(found), "column 'label' holds numbers that are not all whole"))
      << number_notes(found);
  const data::PhotoList named = list(text, {}, "label=label");
  EXPECT_TRUE(named.targets.empty());
  EXPECT_EQ(named.class_names.size(), 3U);
  EXPECT_TRUE(list("file,label\n1.ppm,1\n2.ppm,2\n3.ppm,3\n").targets.empty());
  EXPECT_TRUE(list("file,label\n1.ppm,1.5\n2.ppm,2\n3.ppm,x\n").targets.empty());
  EXPECT_EQ(list("file,label\n1.ppm,1\n2.ppm,2\n3.ppm,3\n", {"label"}).targets, (Numbers{1, 2, 3}));
}

TEST_F(NumberList, ManyDifferentWholeNumbersGetAHint) {
  std::string text = "file,label\n";
  for (int i = 0; i < 21; ++i) text += (i % 2 == 0 ? "1.ppm," : "2.ppm,") + std::to_string(i) + "\n";
  text += "3.ppm,5\n";
  const data::PhotoList found = list(text);
  EXPECT_TRUE(found.targets.empty());
  EXPECT_TRUE(number_notes_speak(number_notes(found), "--target-column label")) << number_notes(found);
}

TEST_F(NumberList, RowsThatCannotBeUsedAreNamed) {
  const data::PhotoList found = list(
      "file,age\n1.ppm,1\n2.ppm,\n3.ppm,3\n3.ppm,\"1,5\"\n3.ppm,4\n1.ppm,1\n2.ppm,inf\n2.ppm,-2e18\n"
      "2.ppm,nan\n9.ppm,1\n",
      {"age"});
  EXPECT_EQ(paths(found), (Names{"1.ppm"}));
  EXPECT_EQ(found.targets, (Numbers{1}));
  const std::string notes = number_notes(found);
  EXPECT_TRUE(number_notes_speak(notes, "a field is no number, 5 rows (lines 3, 5, 8, 9, 10)")) << notes;
  EXPECT_TRUE(number_notes_speak(notes, "a photo with two numbers, 2 rows (lines 4, 6)")) << notes;
  EXPECT_TRUE(number_notes_speak(notes, "1 rows repeat an earlier one (line 7")) << notes;
}

TEST_F(NumberList, AListWithoutAUsableNumberNamesTheFirstRow) {
  try {
    (void)list("file,age\n1.ppm,old\n2.ppm,1e19\n", {"age"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(number_notes_speak(
        error.what(),
        "list.csv has no photo with numbers; list.csv line 2: a field is no number: 'old' in column 'age'"))
        << error.what();
  }
}

TEST_F(NumberList, WhatContradictsNumbersIsRefused) {
  const std::string text = "file,age,kind\n1.ppm,1,a\n2.ppm,2,b\n";
  EXPECT_THROW((void)list(text, {"weight"}), Error);
  EXPECT_THROW((void)list(text, {"age"}, "label=kind"), Error);
  data::ListOptions options;
  options.labels.targets = {"age"};
  EXPECT_THROW((void)data::list_photos(root(), options), Error);
  options.labels.file = root() / "list.csv";
  options.labels.several = true;
  EXPECT_THROW((void)data::list_photos(root(), options), Error);
  options.labels.several = false;
  options.class_names = {"a"};
  EXPECT_THROW((void)data::list_photos(root(), options), Error);
}

}  // namespace
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// Labels from lists and from names of files.
#include <chrono>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Labels = std::vector<int>;

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

class LabelList : public testing::Test {
 protected:
  LabelList() {
    for (const char* name : {"1.jpg", "2.jpg", "3.jpg", "sub/4.jpg"}) add(name);
  }
  void add(const std::string& name) const { test::write_file(root() / name, test::ppm(1, 1, {1, 2, 3})); }
  [[nodiscard]] data::ListOptions with(const std::string& text, const std::string& name = "list.csv",
                                       const std::string& columns = "") const {
    test::write_file(root() / name, text);
    data::ListOptions options;
    options.labels.file = root() / name;
    if (!columns.empty()) options.labels.columns = data::parse_label_columns(columns);
    return options;
  }
  [[nodiscard]] data::PhotoList list(const std::string& text, const std::string& name = "list.csv",
                                     const std::string& columns = "") const {
    return data::list_photos(root(), with(text, name, columns));
  }
  [[nodiscard]] std::string message(const std::string& text, const std::string& name = "list.csv",
                                    const std::string& columns = "") const {
    try {
      (void)list(text, name, columns);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  [[nodiscard]] Names paths(const data::PhotoList& list) const { return test::relative(list.paths, root()); }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

std::string all_notes(const data::PhotoList& list) {
  std::string text;
  for (const std::string& note : list.notes) text += note + "\n";
  return text;
}

TEST_F(LabelList, GuessesTheColumnsAndSaysSo) {
  const data::PhotoList found =
      list("x,File,kind\n9,2.jpg,dog\n9,1.jpg,cat\n9,sub/4.jpg,cat\n", "list.csv", "label=kind");
  EXPECT_EQ(paths(found), (Names{"1.jpg", "sub/4.jpg", "2.jpg"}));  // by class, as in folders
  EXPECT_EQ(found.labels, (Labels{0, 0, 1}));
  EXPECT_EQ(found.class_names, (Names{"cat", "dog"}));
  EXPECT_TRUE(mentions(all_notes(found),
                       "list.csv: 3 rows; path from column 'File', label from 'kind'; not used: 'x'"))
      << all_notes(found);
  EXPECT_TRUE(found.parts.empty() && found.groups.empty() && found.weights.empty());
}

TEST_F(LabelList, ReadsQuotesLineEndsAndEncodings) {
  const Names expected{"1.jpg", "2.jpg"};
  for (const std::string& text :
       {std::string("\xEF\xBB\xBFpath,label\r\n\"1.jpg\",\"a, \"\"b\"\"\"\r\n2.jpg,c\r\n"),
        std::string("path;label\n1.jpg;\"a, \"\"b\"\"\"\n\n2.jpg;c"),
        std::string("path,label\r1.jpg,\"a, \"\"b\"\"\"\r2.jpg,c\r")}) {
    const data::PhotoList found = list(text);
    EXPECT_EQ(paths(found), expected) << text;
    EXPECT_EQ(found.class_names, (Names{"a, \"b\"", "c"})) << text;
  }
  EXPECT_EQ(list("path\tlabel\n1.jpg\ta,b\n2.jpg\tc\n", "list.tsv").class_names, (Names{"a,b", "c"}));
  const data::PhotoList windows = list("path,label\n1.jpg,caf\xE9\n2.jpg,\x80\n");
  EXPECT_EQ(windows.class_names, (Names{"caf\xC3\xA9", "\xE2\x82\xAC"}));
  EXPECT_TRUE(mentions(all_notes(windows), "not UTF-8"));
  std::string wide("\xFF\xFE", 2);
  for (const char c : std::string("path,label\n1.jpg,a\n2.jpg,b\n")) wide += {c, '\0'};
  EXPECT_EQ(list(wide).class_names, (Names{"a", "b"}));
}

TEST_F(LabelList, ReadsObjectsLineByLine) {
  const data::PhotoList found = list(
      "{\"file_name\": \"1.jpg\", \"label\": 10}\n\n{\"label\": 9, \"file_name\": \"2.jpg\", \"group\": "
      "\"g\"}\n",
      "metadata.jsonl");
  EXPECT_EQ(found.class_names, (Names{"9", "10"}));  // numbers by value
  EXPECT_EQ(found.groups.size(), 2U);
  EXPECT_TRUE(
      mentions(message("{\"file_name\": \"1.jpg\"}\n[1]\n", "l.jsonl"), "line 2: expected a JSON object"));
  const std::string deep =
      "{\"file_name\": \"1.jpg\", \"label\": " + std::string(100000, '[') + std::string(100000, ']') + "}";
  (void)message(deep, "deep.jsonl");  // nothing is nested as deep as this: no crash
}

TEST_F(LabelList, NamesTheLineOfEveryRowThatCannotBeUsed) {
  const data::PhotoList found = list(
      "path,label,split,weight\n"
      "1.jpg,cat,train,1\n"
      "gone.jpg,cat,train,1\n"
      "2.jpg,,train,1\n"
      "3.jpg,dog,somewhere,1\n"
      "sub/4.jpg,dog,train\n"
      "sub/4.jpg,dog,train,-1\n"
      ",dog,train,1\n"
      "\"two\nlines.jpg\",dog,train,1\n"
      "./1.jpg,cat,train,1\n");
  EXPECT_EQ(paths(found), (Names{"1.jpg"}));
  const std::string notes = all_notes(found);
  EXPECT_TRUE(mentions(notes, "there is no such file, 2 rows (lines 3, 9)")) << notes;
  EXPECT_TRUE(mentions(notes, "the label is empty, 1 row (line 4)")) << notes;
  EXPECT_TRUE(mentions(notes, "no part of a split, 1 row (line 5)")) << notes;
  EXPECT_TRUE(mentions(notes, "another number of fields than columns, 1 row (line 6)")) << notes;
  EXPECT_TRUE(mentions(notes, "no weight, 1 row (line 7)")) << notes;
  EXPECT_TRUE(mentions(notes, "the path is empty, 1 row (line 8)")) << notes;
  EXPECT_TRUE(mentions(notes, "1 rows repeat an earlier one (line 11 is the first)")) << notes;
  ASSERT_EQ(found.left_out.size(), 7U);
  EXPECT_EQ(found.left_out[0].reason, "list.csv line 3: there is no such file");
  EXPECT_TRUE(found.left_out[0].unreadable);
}

TEST_F(LabelList, APhotoWithTwoLabelsIsNotUsed) {
  const data::PhotoList found = list("path,label\n1.jpg,cat\n2.jpg,dog\n1.jpg,dog\n3.jpg,cat\n");
  EXPECT_EQ(paths(found), (Names{"3.jpg", "2.jpg"}));
  ASSERT_EQ(found.left_out.size(), 2U);
  EXPECT_EQ(found.left_out[0].reason,
            "list.csv line 2: a photo with two labels: 'cat' here, 'dog' in line 4");
  EXPECT_EQ(found.left_out[1].reason,
            "list.csv line 4: a photo with two labels: 'dog' here, 'cat' in line 2");
}

TEST_F(LabelList, SplitGroupAndWeight) {
  const data::PhotoList found = list(
      "path,label,Split,patient,weight\n1.jpg,a,TRAIN,p,2\n2.jpg,b,val,q,0.5\n3.jpg,b,,p,1\nsub/"
      "4.jpg,a,test,,1\n");
  EXPECT_EQ(paths(found), (Names{"1.jpg", "sub/4.jpg", "2.jpg", "3.jpg"}));
  using data::ListedPart;
  // The last photo belongs to the first one's group, and goes where that is.
  EXPECT_EQ(found.parts, (std::vector<ListedPart>{ListedPart::train, ListedPart::test, ListedPart::validation,
                                                  ListedPart::train}));
  EXPECT_EQ(found.groups, (std::vector<std::size_t>{0, 1, 2, 0}));
  EXPECT_EQ(found.weights, (std::vector<float>{2, 1, 0.5F, 1}));
  EXPECT_EQ(data::part_to_judge(found), ListedPart::test);
  data::ListOptions only = with("path,label,split\n1.jpg,a,train\n2.jpg,b,test\n");
  only.labels.part = ListedPart::test;
  EXPECT_EQ(paths(data::list_photos(root(), only)), (Names{"2.jpg"}));
  EXPECT_TRUE(mentions(message("path,label,split,group\n1.jpg,a,train,p\n2.jpg,b,test,p\n"),
                       "photos of the group 'p' are in two parts of the split, lines 2 and 3"));
  EXPECT_TRUE(list("path,label,split\n1.jpg,a,x\n2.jpg,b,y\n", "list.csv", "split=-").parts.empty());
}

TEST_F(LabelList, FindsFilesAsPeopleNameThem) {
  const data::PhotoList found = list("1,a\nsub\\4.jpg,b\n2,a\n");  // no header, no extension, \ of Windows
  EXPECT_EQ(paths(found), (Names{"1.jpg", "2.jpg", "sub/4.jpg"}));
  test::write_file(root() / "lists/list.csv", "path,label\n../1.jpg,a\n2.jpg,b\n");
  data::ListOptions options;
  options.labels.file = root() / "lists/list.csv";
  EXPECT_EQ(paths(data::list_photos(root(), options)), (Names{"1.jpg", "2.jpg"}));
}

TEST_F(LabelList, RefusesWhatItCannotUnderstand) {
  EXPECT_TRUE(mentions(message("path,a,b\n1.jpg,2,3\n"),
                       "does not say which column is the label; expected label=NAME with one of its columns: "
                       "'path', 'a', 'b'"));
  EXPECT_TRUE(mentions(message("path,label\n1.jpg,a\n", "list.csv", "label=lable"),
                       "label=lable: list.csv has no such column; similar are label"));
  EXPECT_TRUE(mentions(message("path,label\nx.jpg,a\ny.jpg,b\n"),
                       "no file that list.csv names exists; the first, line 2"));
  EXPECT_TRUE(mentions(message("path,label\n1.jpg,a\n2.jpg,\"b\n3.jpg,c\n"), "line 3: a quote opens here"));
  EXPECT_TRUE(mentions(message(""), "has no rows"));
  EXPECT_TRUE(mentions(message("path,label\n"), "no other row"));
  EXPECT_TRUE(mentions(message(std::string("PK\3\4\0\0", 6)), "is not a text"));
  EXPECT_THROW((void)data::parse_label_columns("kind=x"), Error);
}

TEST_F(LabelList, ClassesOfAModelAreMatched) {
  data::ListOptions options = with("path,label\n1.jpg,Cat\n2.jpg,dog\n3.jpg,bird\n");
  options.class_names = {"dog", "cat", "cow"};
  options.classes_may_be_missing = true;
  const data::PhotoList found = data::list_photos(root(), options);
  EXPECT_EQ(paths(found), (Names{"2.jpg", "1.jpg"}));
  EXPECT_TRUE(mentions(all_notes(found), "none of the classes: 'bird' (1)"));
  EXPECT_TRUE(mentions(all_notes(found), "no photo of 'cow'"));
}

TEST_F(LabelList, LabelsInNamesOfFiles) {
  for (const char* name : {"cat_1.jpg", "dog_2.jpg", "sub/cat_3.jpg"}) add(name);
  data::ListOptions options;
  options.labels.from_name = "([a-z]+)_[0-9]+";
  const data::PhotoList found = data::list_photos(root(), options);
  EXPECT_EQ(paths(found), (Names{"cat_1.jpg", "sub/cat_3.jpg", "dog_2.jpg"}));
  EXPECT_EQ(found.class_names, (Names{"cat", "dog"}));
  EXPECT_EQ(found.left_out.size(), 4U);
  options.labels.from_name = "nothing(";
  EXPECT_THROW((void)data::list_photos(root(), options), Error);
}

TEST_F(LabelList, AHundredThousandRowsAreFast) {
  std::string text = "path,label,group\n";
  for (int i = 0; i < 100000; ++i)
    text += (i % 3 == 0   ? "1"
             : i % 3 == 1 ? "2"
                          : "gone") +
            std::string(".jpg,label ") + (i % 3 == 0 ? "0" : "1") + ",g\n";
  const auto start = std::chrono::steady_clock::now();
  const data::PhotoList found = list(text);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(found.paths.size(), 2U);
  EXPECT_EQ(found.left_out.size(), 33333U);
  EXPECT_LT(all_notes(found).size(), 600U);
  EXPECT_LT(seconds.count(), 20);  // sanitizers included; half a second otherwise
}

TEST_F(LabelList, GoesWithThePhotosThroughLoading) {
  test::write_file(root() / "2.jpg", "broken");
  const data::PhotoSet photos = data::load_photos(
      list("path,label,group,weight\n1.jpg,a,p,1\n2.jpg,a,q,2\n3.jpg,b,r,3\n"), {.image_size = 2});
  EXPECT_EQ(photos.weights(), (std::vector<float>{1, 3}));
  EXPECT_EQ(photos.groups().size(), 2U);
  EXPECT_NE(photos.groups()[0], photos.groups()[1]);
  EXPECT_EQ(photos.all().weights(), (std::vector<float>{1, 3}));
}

using Sets = std::vector<std::vector<int>>;

TEST_F(LabelList, SeveralLabelsInAField) {
  const data::PhotoList found =
      list("path,labels\n2.jpg,dog| cat|dog\n1.jpg,bird\n3.jpg,\n1.jpg,cat\n", "list.csv", "");
  EXPECT_TRUE(found.label_sets.empty());  // without a word of it these are strange names, and a conflict
  data::ListOptions options = with("path,labels\n2.jpg,dog| cat|dog\n1.jpg,bird\n3.jpg,\n1.jpg,cat\n");
  options.labels.several = true;
  const data::PhotoList sets = data::list_photos(root(), options);
  EXPECT_EQ(paths(sets), (Names{"1.jpg", "2.jpg", "3.jpg"}));
  EXPECT_EQ(sets.class_names, (Names{"bird", "cat", "dog"}));
  EXPECT_EQ(sets.label_sets, (Sets{{0, 1}, {1, 2}, {}}));
  EXPECT_TRUE(sets.labels.empty());
  EXPECT_TRUE(mentions(all_notes(sets), "a photo may have several labels, separated by '|'"))
      << all_notes(sets);
  EXPECT_TRUE(mentions(all_notes(sets), "1 photos have no label"));
  options = with("path,labels\n2.jpg,dog cat\n1.jpg,bird\n");
  options.labels.separator = " ";
  EXPECT_EQ(data::list_photos(root(), options).label_sets, (Sets{{0}, {1, 2}}));
}

TEST_F(LabelList, SeveralLabelsInColumnsOrLists) {
  const data::PhotoList flags =
      list("path,cat,dog,note\n1.jpg,1,1,x\n2.jpg,0,1,y\n3.jpg,0,0,z\n", "list.csv", "label=cat+dog");
  EXPECT_EQ(flags.label_sets, (Sets{{0, 1}, {1}, {}}));
  EXPECT_EQ(list("path,cat,dog\n1.jpg,1,1\n2.jpg,0,1\n").label_sets, (Sets{{0, 1}, {1}}));
  const data::PhotoList exclusive = list("path,cat,dog\n1.jpg,1,0\n2.jpg,0,1\n");
  EXPECT_EQ(exclusive.labels, (Labels{0, 1}));
  EXPECT_TRUE(mentions(all_notes(exclusive), "one label a photo")) << all_notes(exclusive);
  EXPECT_TRUE(mentions(all_notes(list("path,cat,dog\n1.jpg,1,2\n2.jpg,1,1\n", "list.csv", "label=cat+dog")),
                       "a column of a label holds neither 0 nor 1, 1 row (line 2)"));
  const data::PhotoList lists =
      list("{\"file\": \"1.jpg\", \"label\": [\"a b\", \"c\"]}\n{\"file\": \"2.jpg\", \"label\": []}\n",
           "l.jsonl");
  EXPECT_EQ(lists.label_sets, (Sets{{0, 1}, {}}));
  EXPECT_EQ(lists.class_names, (Names{"a b", "c"}));
}

TEST_F(LabelList, CopiesInSeveralFoldersHaveAllTheirLabels) {
  const std::string picture = test::ppm(1, 1, {9, 9, 9});
  for (const char* name : {"set/cat/a.ppm", "set/dog/b.ppm"}) test::write_file(root() / name, picture);
  test::write_file(root() / "set/dog/c.ppm", test::ppm(1, 1, {7, 9, 9}));
  data::ListOptions options;
  options.labels.several = true;
  const data::PhotoList found = data::list_photos(root() / "set", options);
  EXPECT_EQ(paths(found), (Names{"set/cat/a.ppm", "set/dog/c.ppm"}));
  EXPECT_EQ(found.label_sets, (Sets{{0, 1}, {1}}));
  const data::Batch batch =
      data::load_photos(found, {.image_size = 1}).all().gather(std::vector<std::size_t>{0, 1});
  EXPECT_EQ(batch.labels.shape(), (Shape{2, 2}));
  EXPECT_EQ(batch.labels.data()[1], 1);
  EXPECT_EQ(batch.labels.data()[2], 0);
}

}  // namespace
}  // namespace graft

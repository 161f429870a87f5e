// SPDX-License-Identifier: Apache-2.0
// The program with labels from lists and from names of files.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

void write_rows(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

bool lists(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Twelve photos of each of two classes: in class folders, and as a list of the same files.
class CliLabels : public testing::Test {
 protected:
  CliLabels() {
    for (int i = 0; i < 12; ++i) {
      const std::string name = std::to_string(i) + ".ppm";
      write_picture(root() / "photos/red" / name, 200 + i, 10 * i, 0);
      write_picture(root() / "photos/blue" / name, 0, 10 * i, 200 + i);
      rows_ += "red/" + name + ",red\nblue/" + name + ",blue\n";
    }
  }
  void list(const std::string& text) const { write_rows(root() / "list.csv", text); }
  [[nodiscard]] Outcome train(const Words& photos, const std::string& out) const {
    const bool recipe = std::ranges::find(photos, "--recipe") != photos.end();
    Words words{"train", "--weights", "none",  "--model", "mobilenet_v2", "--image-size",
                "32",    "--json",    "--out", out,       "--no-report"};
    if (!recipe) words.insert(words.end(), {"--recipe", "head"});
    words.insert(words.end(), photos.begin(), photos.end());
    return run_graft(words, root());
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }
  [[nodiscard]] const std::string& rows() const { return rows_; }

 private:
  TemporaryFolder folder_;
  std::string rows_;
};

TEST_F(CliLabels, AListGivesTheModelOfTheSameFolders) {
  list("path,label\n" + rows());
  ASSERT_EQ(train({"photos"}, "folders").code, 0);
  const Outcome listed = train({"photos", "--labels", "list.csv"}, "listed");
  ASSERT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(bytes_of(root() / "folders/predictions.csv"), bytes_of(root() / "listed/predictions.csv"));
  EXPECT_TRUE(lists(listed.err, "24 rows; path from column 'path', label from 'label'")) << listed.err;
  const Outcome again =
      run_graft({"train", "--settings", "listed", "--out", "again", "--json", "--no-report"}, root());
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(bytes_of(root() / "again/predictions.csv"), bytes_of(root() / "listed/predictions.csv"));
}

TEST_F(CliLabels, TheListDecidesTheSplitAndOtherCommandsFollow) {
  std::string text = "path,label,split\n";
  for (int i = 0; i < 12; ++i) {
    const std::string part = i < 8 ? "train" : i < 10 ? "val" : "test";
    for (const char* kind : {"red", "blue"})
      text += std::string("photos/") + kind + "/" + std::to_string(i) + ".ppm," + kind + "," + part + "\n";
  }
  list(text + "photos/gone.ppm,red,test\n");
  const Outcome trained = train({"--labels", "list.csv"}, "out");  // relative to the list's own folder
  EXPECT_EQ(trained.code, 1) << trained.err;                       // a file is missing
  EXPECT_EQ(trained.json()["photos"]["train"], 16);
  EXPECT_EQ(trained.json()["photos"]["validation"], 4);
  EXPECT_EQ(trained.json()["photos"]["test"], 4);
  EXPECT_EQ(trained.json()["skipped_images"][0]["reason"], "list.csv line 26: there is no such file");
  const Outcome judged =
      run_graft({"evaluate", "out", "--labels", "list.csv", "--json", "--no-report"}, root());
  EXPECT_EQ(judged.json()["photos"], 4) << judged.err;
  EXPECT_TRUE(lists(judged.err, "photos of the list's part test")) << judged.err;
  const Outcome features =
      run_graft({"features", "out", "--labels", "list.csv", "-o", "f.npz", "--json"}, root());
  EXPECT_EQ(features.json()["labels"].size(), 24U) << features.err;
  EXPECT_EQ(features.json()["classes"][0], "blue");
  const Outcome inspected = run_graft({"inspect", "--labels", "list.csv", "--no-features", "--json"}, root());
  EXPECT_EQ(inspected.json()["classes"].size(), 2U) << inspected.out << inspected.err;
}

TEST_F(CliLabels, GroupsStayTogetherAndWeightsCount) {
  std::string text = "path,label,patient,weight\n";
  for (int i = 0; i < 12; ++i) {
    for (const char* kind : {"red", "blue"})
      text += std::string(kind) + "/" + std::to_string(i) + ".ppm," + kind + ",p" + std::to_string(i / 2) +
              "," + (i < 6 ? "1" : "3") + "\n";
  }
  list(text);
  const Outcome trained = train({"photos", "--labels", "list.csv"}, "out");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(lists(trained.err, "6 groups of photos by the list, each kept in one part")) << trained.err;
  const Outcome refused = train({"photos", "--labels", "list.csv", "--recipe", "tutorial"}, "tutorial");
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(lists(refused.err, "weights of photos need the recipe auto or head")) << refused.err;
  const Outcome both = train({"photos", "--labels", "list.csv", "--group-by", "prefix"}, "both");
  EXPECT_TRUE(lists(both.err, "--group-by: the list of labels has a column for groups")) << both.err;
}

TEST_F(CliLabels, LabelsInNames) {
  for (int i = 0; i < 12; ++i) {
    write_picture(root() / "flat" / ("red_" + std::to_string(i) + ".ppm"), 200 + i, 10 * i, 0);
    write_picture(root() / "flat" / ("blue_" + std::to_string(i) + ".ppm"), 0, 10 * i, 200 + i);
  }
  const Outcome trained = train({"flat", "--label-from-name", "([a-z]+)_"}, "out");
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(trained.json()["classes"], (Json{"blue", "red"}));
}

}  // namespace
}  // namespace graft::test

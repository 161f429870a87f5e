// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// Reds and blues in class folders, one of them in the wrong one, one twice.
class CliInspect : public testing::Test {
 protected:
  CliInspect() {
    write_red_or_blue(folder_.path() / "model");
    for (const char* name : {"red", "blue"}) fs::create_directories(folder_.path() / "photos" / name);
    for (int i = 0; i < 12; ++i) {
      write(cat_name("red", i), 150 + 7 * i, 20 + i, 20);
      write(cat_name("blue", i), 20, 20 + i, 150 + 7 * i);
    }
    write("blue/wrong.ppm", 200, 25, 22);
    fs::copy_file(folder_.path() / "photos/red/3.ppm", folder_.path() / "photos/red/copy.ppm");
  }
  static std::string cat_name(const std::string& name, int i) {
    return name + "/" + std::to_string(i) + ".ppm";
  }
  void write(const std::string& name, int red, int green, int blue) const {
    write_picture(folder_.path() / "photos" / name, red, green, blue);
  }
  [[nodiscard]] Outcome run(const std::vector<std::string>& arguments) const {
    return run_graft(arguments, folder_.path());
  }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(folder_.path() / name); }

  TemporaryFolder folder_;
};

TEST_F(CliInspect, TheSummaryAndTheFilesNameWhatIsWrong) {
  std::ofstream(folder_.path() / "photos/red/broken.jpg") << "\xff\xd8\xff no photo";
  const Outcome outcome = run({"inspect", "photos", "--model", "model", "--out", "out"});
  EXPECT_EQ(outcome.code, 1) << outcome.err;  // a photo cannot be read
  EXPECT_NE(outcome.out.find("broken.jpg"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("red/copy.ppm = red/3.ppm (same file)"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("blue/wrong.ppm: looks like red"), std::string::npos) << outcome.out;
  EXPECT_TRUE(exists("out/labels.csv"));
  EXPECT_TRUE(exists("out/probabilities.csv"));
  EXPECT_EQ(read_json(folder_.path() / "out/inspection.json")["findings"]["labels"].size(), 1U);
}

TEST_F(CliInspect, NothingIsMovedUnasked) {
  ASSERT_EQ(run({"inspect", "photos", "--no-features"}).code, 0);
  EXPECT_EQ(run({"inspect", "photos", "--no-features", "--move-to", "aside"}).code, 2);  // which lists?
  EXPECT_EQ(run({"inspect", "photos", "--no-features", "--lists", "duplicates"}).code, 2);
  EXPECT_FALSE(exists("aside"));
  const Outcome outcome =
      run({"inspect", "photos", "--no-features", "--move-to", "aside", "--lists", "duplicates"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("undo.sh"), std::string::npos) << outcome.out;
  EXPECT_FALSE(exists("photos/red/copy.ppm"));
  EXPECT_TRUE(exists("aside/duplicates/red/copy.ppm"));
}

TEST_F(CliInspect, JsonIsOneObject) {
  const Outcome outcome = run({"inspect", "photos", "--no-features", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["photos"], 26);
  EXPECT_EQ(json["findings"]["duplicates"][0]["kind"], "same file");
}

TEST_F(CliInspect, SimilarPhotosAreFoundNearestFirst) {
  const Outcome outcome = run({"similar", "model", "photos", "photos/red/3.ppm", "--count", "3", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json similar = outcome.json()["photos"][0]["similar"];
  ASSERT_EQ(similar.size(), 3U);
  EXPECT_LT(similar[0]["distance"].get<double>(), 1e-6);
  for (const Json& one : similar)
    EXPECT_TRUE(one["class"] == "red" || one["file"] == "photos/blue/wrong.ppm");
  EXPECT_NE(run({"similar", "model", "photos", "absent.jpg"}).code, 0);
}

TEST_F(CliInspect, TheMapHasARowForEachPhoto) {
  const Outcome outcome = run({"map", "model", "photos", "-o", "map.csv"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string csv = read_file(folder_.path() / "map.csv");
  EXPECT_EQ(csv.substr(0, csv.find('\n')), "x,y,file,class");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 27);
  EXPECT_EQ(run({"map", "model", "photos", "-o", "map.csv"}).code, 2);  // exists
  ASSERT_EQ(run({"map", "model", "photos", "-o", "map.json"}).code, 0);
  EXPECT_EQ(read_json(folder_.path() / "map.json")["points"].size(), 26U);
}

}  // namespace
}  // namespace graft::test

// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gtest/gtest.h>

#include "graft/image.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

/// A folder with a model and two pictures.
class CliExplain : public testing::Test {
 protected:
  CliExplain() {
    write_red_or_blue(folder_.path() / "model");
    fs::create_directories(folder_.path() / "photos/deep");
    write_picture(folder_.path() / "photos/red.ppm", 200, 10, 10);
    write_picture(folder_.path() / "photos/deep/red.ppm", 10, 10, 200);
  }
  [[nodiscard]] Outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "explain");
    return run_graft(arguments, folder_.path());
  }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(folder_.path() / name); }

  TemporaryFolder folder_;
};

TEST_F(CliExplain, OnePhotoBecomesOnePictureOfItsSize) {
  const Outcome outcome = run({"model", "photos/red.ppm", "-o", "cam.png"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("for red"), std::string::npos) << outcome.out;
  const Tensor photo = data::read_image(folder_.path() / "photos/red.ppm");
  EXPECT_EQ(data::read_image(folder_.path() / "cam.png").shape(), photo.shape());
}

TEST_F(CliExplain, AFolderBecomesAFolderWithTheSameNames) {
  const Outcome outcome = run({"model", "photos", "-o", "out", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(exists("out/red.png"));
  EXPECT_TRUE(exists("out/deep/red.png"));
  const Json photos = outcome.json()["photos"];
  ASSERT_EQ(photos.size(), 2U);
  EXPECT_FALSE(photos[0]["heat_map"].empty());
  EXPECT_EQ(run({"model", "photos", "-o", "cam.png"}).code, 2);  // one name for two pictures
}

TEST_F(CliExplain, NothingIsOverwrittenUnasked) {
  ASSERT_EQ(run({"model", "photos/red.ppm", "-o", "cam.png"}).code, 0);
  const std::string before = read_file(folder_.path() / "cam.png");
  const Outcome again = run({"model", "photos/red.ppm", "-o", "cam.png", "--class", "blue"});
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.err.find("--force"), std::string::npos) << again.err;
  EXPECT_EQ(read_file(folder_.path() / "cam.png"), before);
  EXPECT_EQ(run({"model", "photos/red.ppm", "-o", "cam.png", "--force"}).code, 0);
  EXPECT_EQ(run({"model", "cam.png", "-o", "cam.png", "--force"}).code, 2);  // the photo itself
}

TEST_F(CliExplain, WrongNamesAreReportedWithWhatThereIs) {
  const Outcome wrong = run({"model", "photos/red.ppm", "-o", "cam.png", "--class", "rde"});
  EXPECT_NE(wrong.code, 0);
  EXPECT_NE(wrong.err.find("red"), std::string::npos) << wrong.err;
  EXPECT_NE(run({"model", "photos/red.ppm", "-o", "cam.png", "--layer", "none"}).code, 0);
  EXPECT_NE(run({"model", "photos/red.ppm", "-o", "cam.jpg"}).code, 0);
  EXPECT_FALSE(exists("cam.png"));
}

TEST_F(CliExplain, ABrokenPhotoDoesNotStopTheOthers) {
  std::ofstream(folder_.path() / "photos/broken.jpg") << "\xff\xd8\xff no photo";
  const Outcome outcome = run({"model", "photos", "-o", "out"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("broken.jpg"), std::string::npos) << outcome.err;
  EXPECT_TRUE(exists("out/red.png"));
}

}  // namespace
}  // namespace graft::test

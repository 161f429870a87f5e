// SPDX-License-Identifier: Apache-2.0
#include "graft/inspect.hpp"

#include <array>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/data/write_png.hpp"
#include "graft/error.hpp"
#include "graft/train.hpp"

#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

/// A picture of random blocks: sharp, of good contrast, other for each key.
Tensor blocks(const std::string& key, std::int64_t height = 64, std::int64_t width = 64) {
  const std::vector<double> random = test::u01(key, static_cast<std::size_t>(height * width * 3));
  Tensor picture(Shape{height, width, 3}, DType::uint8);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < 3; ++c)
        picture.at<std::uint8_t>(y, x, c) = static_cast<std::uint8_t>(
            255 * random[static_cast<std::size_t>(((y / 8) * width + x / 8) * 3 + c)]);
    }
  }
  return picture;
}

/// Each value as the function of itself says.
template <typename Change>
Tensor changed(const Tensor& picture, const Change& change) {
  Tensor result = picture.clone();
  for (std::uint8_t& value : result.data<std::uint8_t>()) value = static_cast<std::uint8_t>(change(value));
  return result;
}

/// The mean of the (2 r + 1) x (2 r + 1) pixels around each.
Tensor smoothed(const Tensor& picture, std::int64_t r) {
  Tensor result = picture.clone();
  const std::int64_t height = picture.shape()[0], width = picture.shape()[1];
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < 3; ++c) {
        std::int64_t sum = 0;
        for (std::int64_t dy = -r; dy <= r; ++dy) {
          for (std::int64_t dx = -r; dx <= r; ++dx)
            sum += picture.at<std::uint8_t>(std::clamp<std::int64_t>(y + dy, 0, height - 1),
                                            std::clamp<std::int64_t>(x + dx, 0, width - 1), c);
        }
        result.at<std::uint8_t>(y, x, c) = static_cast<std::uint8_t>(sum / ((2 * r + 1) * (2 * r + 1)));
      }
    }
  }
  return result;
}

class InspectFolder : public testing::Test {
 protected:
  void write(const std::string& name, const Tensor& picture) const {
    fs::create_directories((root() / name).parent_path());
    data::write_png(root() / name, picture);
  }
  [[nodiscard]] fs::path root() const { return folder_.path() / "photos"; }
  [[nodiscard]] Inspection inspected() const { return inspect_photos(root(), {.features = false}); }
  [[nodiscard]] static std::vector<std::string> names(const Inspection& found, PictureFault fault) {
    std::vector<std::string> result;
    for (const FaultyPicture& one : found.faults) {
      if (one.fault == fault) result.push_back(found.photos[one.photo].path.filename().string());
    }
    return result;
  }
  TemporaryFolder folder_;
};

TEST_F(InspectFolder, FaultsOfPicturesAreFoundAndGoodOnesAreNot) {
  for (int i = 0; i < 12; ++i)
    write("a/good" + std::to_string(i) + ".png", blocks("good" + std::to_string(i)));
  write("a/dark.png", changed(blocks("dark"), [](int v) { return v / 6; }));
  write("a/bright.png", changed(blocks("bright"), [](int v) { return 210 + v / 6; }));
  write("a/flat.png", changed(blocks("flat"), [](int v) { return 120 + v / 60; }));
  write("a/blurred.png", smoothed(blocks("blurred"), 6));
  write("a/large.png", blocks("large", 320, 320));
  write("b/long.png", blocks("long", 24, 96));
  const Inspection found = inspected();
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(found, PictureFault::dark), Names{"dark.png"});
  EXPECT_EQ(names(found, PictureFault::bright), Names{"bright.png"});
  EXPECT_EQ(names(found, PictureFault::flat), Names{"flat.png"});
  EXPECT_EQ(names(found, PictureFault::blurred), Names{"blurred.png"});
  EXPECT_EQ(names(found, PictureFault::odd_size), Names{"large.png"});
  EXPECT_EQ(names(found, PictureFault::odd_aspect), Names{"long.png"});
  ASSERT_EQ(found.counts.size(), 2U);
  EXPECT_EQ(found.counts[0].train, 17U);
}

TEST_F(InspectFolder, DuplicatesAndLeaksSayWhatDiffers) {
  const Tensor picture = blocks("one");
  write("train/a/one.png", picture);
  write("train/a/two.png", blocks("two"));
  write("train/b/three.png", blocks("three"));
  write("test/a/brighter.png", changed(picture, [](int v) { return std::min(255, v + 6); }));
  write("test/b/four.png", blocks("four"));
  fs::copy_file(root() / "train/a/two.png", root() / "train/b/copy.png");
  const Inspection found = inspected();
  ASSERT_EQ(found.duplicates.size(), 2U);
  const DuplicatePair& near = found.duplicates[0];
  EXPECT_EQ(near.kind, DuplicateKind::similar);
  EXPECT_NE(near.differs.find("part train and test"), std::string::npos) << near.differs;
  EXPECT_NE(near.differs.find("brightness by +"), std::string::npos) << near.differs;
  const DuplicatePair& copy = found.duplicates[1];
  EXPECT_EQ(copy.kind, DuplicateKind::same_file);
  EXPECT_TRUE(copy.other_class);
  EXPECT_EQ(copy.differs, "class a and b");
  ASSERT_EQ(found.leaks.size(), 1U);
  EXPECT_EQ(found.photos[found.leaks[0].photo].path.filename(), "brighter.png");
  EXPECT_EQ(found.photos[found.leaks[0].other].path.filename(), "one.png");
}

TEST_F(InspectFolder, BrokenFilesAreListedWithTheirReason) {
  write("a/good.png", blocks("good"));
  std::ofstream(root() / "a/broken.jpg") << "\xff\xd8\xff nothing";
  std::ofstream(root() / "a/notes.txt") << "no photo";
  const Inspection found = inspected();
  EXPECT_EQ(found.photos.size(), 1U);
  const FindingList unreadable = finding_lists(found).front();
  ASSERT_EQ(unreadable.rows.size(), 1U);
  EXPECT_NE(unreadable.rows[0][0].find("broken.jpg"), std::string::npos);
  EXPECT_FALSE(unreadable.rows[0][1].empty());
}

TEST_F(InspectFolder, FilesAreWrittenForEachList) {
  write("a/one.png", blocks("one"));
  write("a/comma, \"quote\".png", blocks("one"));
  write_inspection(folder_.path() / "out", inspected());
  const std::string csv = test::read_file(folder_.path() / "out/duplicates.csv");
  EXPECT_EQ(csv.substr(0, csv.find('\n')), "file,same_as,kind,other_class,differs");
  EXPECT_NE(csv.find("comma, \"\"quote\"\".png"), std::string::npos) << csv;
  const Json json = test::read_json(folder_.path() / "out/inspection.json");
  EXPECT_EQ(json["findings"]["duplicates"].size(), 1U);
  EXPECT_EQ(json["measures"].size(), 2U);
  for (const std::string& name : finding_list_names())
    EXPECT_TRUE(fs::exists(folder_.path() / "out" / (name + ".csv"))) << name;
}

TEST_F(InspectFolder, PhotosAreMovedOnRequestNeverOverAnotherAndBackAgain) {
  write("a/one.png", blocks("one"));
  write("a/it's two.png", blocks("one"));
  const Inspection found = inspected();
  const fs::path aside = folder_.path() / "aside";
  const std::vector<std::string> lists{"duplicates"};
  EXPECT_THROW(static_cast<void>(move_photos(found, std::vector<std::string>{"copies"}, aside)), Error);
  EXPECT_THROW(static_cast<void>(move_photos(found, lists, root() / "aside")), Error);
  fs::create_directories(aside / "duplicates/a");
  const std::string moved = found.photos[found.duplicates[0].second].path.filename().string();
  std::ofstream(aside / "duplicates/a" / moved) << "mine";
  EXPECT_THROW(static_cast<void>(move_photos(found, lists, aside)), Error);
  EXPECT_EQ(test::read_file(aside / "duplicates/a" / moved), "mine");
  EXPECT_TRUE(fs::exists(root() / "a" / moved));
  fs::remove_all(aside);
  ASSERT_EQ(move_photos(found, lists, aside).size(), 1U);
  EXPECT_FALSE(fs::exists(root() / "a" / moved));
  EXPECT_TRUE(fs::exists(aside / "duplicates/a" / moved));
  EXPECT_EQ(std::system(("sh " + (aside / "undo.sh").string()).c_str()), 0);
  EXPECT_TRUE(fs::exists(root() / "a" / moved));
}

TEST_F(InspectFolder, AStopEndsIt) {
  write("a/one.png", blocks("one"));
  const auto stop = [](std::string_view, std::size_t, std::size_t) { return false; };
  try {
    static_cast<void>(inspect_photos(root(), {.features = false, .progress = stop}));
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
}

TEST(LabelErrors, AreAsManyAsConfidentLearningCounts) {
  // Thresholds: class 0 (0.9 + 0.8 + 0.1 + 0.4) / 4 = 0.55, class 1 (0.7 + 0.9 + 0.95) / 3 = 0.85. Of label 0
  // two photos count for class 0, one for class 1, one for none: a third of 4 photos, rounded 1, is wrong. Of
  // label 1 none.
  const Tensor probabilities =
      Tensor::from({7, 2}, std::vector<float>{0.9F, 0.1F, 0.8F, 0.2F, 0.1F, 0.9F, 0.4F, 0.6F, 0.3F, 0.7F,
                                              0.1F, 0.9F, 0.05F, 0.95F});
  const std::vector<int> labels{0, 0, 0, 0, 1, 1, 1};
  const std::vector<SuspectedLabel> found = find_label_errors(probabilities, labels);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].photo, 2U);
  EXPECT_EQ(found[0].suggested, 1);
  EXPECT_NEAR(found[0].given_probability, 0.1, 1e-6);
  EXPECT_NEAR(found[0].suggested_probability, 0.9, 1e-6);
  EXPECT_THROW(static_cast<void>(find_label_errors(probabilities, std::vector<int>{0, 1})), Error);
  EXPECT_THROW(static_cast<void>(find_label_errors(probabilities, std::vector<int>{0, 0, 0, 0, 1, 1, 2})),
               Error);
}

/// A run of two equal photos and a dark one, whose files are gone.
transfer::TrainResult run_of_absent_photos() {
  transfer::TrainResult run;
  run.class_names = {"a", "b"};
  const std::array<Part, 3> parts{Part::train, Part::test, Part::train};
  for (std::size_t i = 0; i < 3; ++i) {
    const fs::path file = "/absent/" + std::to_string(i) + ".jpg";
    run.answers.files.push_back(file);
    run.answers.parts.push_back(parts[i]);
    run.answers.by_model.push_back(parts[i] == Part::test);
    run.answers.truth.push_back(0);
    data::PhotoFacts facts;
    facts.print.pixels = i == 2 ? 7 : 5;
    facts.print.flat = i == 2;  // only equal pixels count
    facts.measures = {.height = 10, .width = 10, .dark = 10, .bright = i == 2 ? 20.0 : 200.0, .contrast = 50};
    run.loaded.push_back({.file = file, .facts = facts});
  }
  run.answers.probabilities = Tensor({3, 2});
  return run;
}

TEST(InspectRun, ReadsNoPhotoThatTrainingMeasured) {
  transfer::TrainResult run = run_of_absent_photos();
  const Inspection found = inspect_run(run);
  EXPECT_EQ(found.photos.size(), 3U);
  EXPECT_TRUE(found.left_out.empty());
  ASSERT_EQ(found.duplicates.size(), 1U);
  EXPECT_EQ(found.duplicates[0].kind, DuplicateKind::same_file);
  ASSERT_EQ(found.leaks.size(), 1U);
  ASSERT_EQ(found.faults.size(), 1U);
  EXPECT_EQ(found.faults[0].photo, 2U);
  EXPECT_EQ(found.faults[0].fault, PictureFault::dark);
  // Without one of them all are read, and they are gone.
  run.loaded.pop_back();
  EXPECT_EQ(inspect_run(run).left_out.size(), 3U);
}

TEST(MeasurePhoto, GivesTheNumbersOfItsDefinition) {
  Tensor half(Shape{40, 40, 1}, DType::uint8);
  for (std::int64_t y = 0; y < 40; ++y) {
    for (std::int64_t x = 20; x < 40; ++x) half.at<std::uint8_t>(y, x, 0) = 200;
  }
  const PhotoMeasures measures = measure_photo(half);
  EXPECT_EQ(measures.dark, 0);
  EXPECT_EQ(measures.bright, 200);
  EXPECT_NEAR(measures.contrast, 100, 1e-9);
  // One step: Sobel sees it in 2 columns. The mean of 11 pixels is a ramp that rises by 2 / 11 of the step
  // from the left to the right neighbour of each of these, so that 2 / 11 of their edges are kept.
  EXPECT_NEAR(measures.blur, 2.0 / 11, 1e-4);
  EXPECT_GT(measure_photo(smoothed(blocks("x"), 6)).blur, measure_photo(blocks("x")).blur + 0.2);
  EXPECT_THROW(static_cast<void>(measure_photo(Tensor(Shape{4, 4, 3}))), Error);
}

TEST(MeasurePhoto, LevelsOfColoursAreRoundedAsPillowDoes) {
  // Pillow's convert("L") of cyan is 179: 178.755 rounded. 37 columns: vectors and a rest.
  Tensor cyan(Shape{5, 37, 3}, DType::uint8);
  for (std::int64_t y = 0; y < 5; ++y) {
    for (std::int64_t x = 0; x < 37; ++x) {
      cyan.at<std::uint8_t>(y, x, 1) = 255;
      cyan.at<std::uint8_t>(y, x, 2) = 255;
    }
  }
  const PhotoMeasures measures = measure_photo(cyan);
  EXPECT_EQ(measures.dark, 179);
  EXPECT_EQ(measures.bright, 179);
  EXPECT_EQ(measures.contrast, 0);
}

}  // namespace
}  // namespace graft

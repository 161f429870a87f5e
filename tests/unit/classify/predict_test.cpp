// SPDX-License-Identifier: Apache-2.0
// Classifier on files, pixels in the caller's memory, lists and folders.
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

/// Convolutions, so that a batch and a single photo use different kernels.
Classifier small_network() {
  const SymbolicTensor input = Input({24, 20, 3});
  SymbolicTensor x = layers::Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu"})(input);
  x = layers::Conv2D({.filters = 24, .kernel_size = 3, .strides = 2, .activation = "relu"})(x);
  x = layers::Dense({.units = 3, .activation = "softmax"})(layers::GlobalAveragePooling2D()(x));
  const Model model(input, x);
  for (const VariablePtr& weight : model.weights())
    weight->assign(test::golden_weight(weight->path(), weight->name(), weight->shape()));
  return {model, {{"class_names", {"a", "b", "c"}}, {"image_size", {24, 20}}, {"output", "softmax"}}};
}

/// A PPM file of random pixels.
fs::path write_photo(const fs::path& file, std::int64_t height, std::int64_t width) {
  std::ofstream out(file, std::ios::binary);
  out << "P6\n" << width << ' ' << height << "\n255\n";
  for (const double u : test::u01(file.filename().string(), static_cast<std::size_t>(height * width * 3)))
    out.put(static_cast<char>(static_cast<int>(u * 255)));
  return file;
}

std::vector<fs::path> write_photos(const fs::path& folder, int count) {
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i)
    files.push_back(write_photo(folder / ("p" + std::to_string(100 + i) + ".ppm"), 30 + i, 40));
  return files;
}

void expect_same(const std::vector<Prediction>& a, const std::vector<Prediction>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].probability, b[i].probability);
  }
}

TEST(Predict, AShortListHasTheBitsOfItsPhotosOneByOne) {
  const test::TemporaryFolder folder;
  const Classifier classifier = small_network();
  const std::vector<fs::path> files = write_photos(folder.path(), 5);
  for (const int views : {1, 4}) {
    const auto all = classifier.predict_all(files, {.views = views});
    ASSERT_EQ(all.size(), 5U);
    for (std::size_t i = 0; i < files.size(); ++i) {
      EXPECT_EQ(all[i].path, files[i]);
      EXPECT_EQ(all[i].error, "");
      expect_same(all[i].predictions, classifier.predict(files[i], {.views = views}));
    }
  }
}

TEST(Predict, ALongListHasTheBitsOfADataSetOfItsReadablePhotos) {
  const test::TemporaryFolder folder;
  const Classifier classifier = small_network();
  std::vector<fs::path> files = write_photos(folder.path(), 50);
  const data::PhotoSet photos = data::load_photos({.paths = files}, classifier.load_options());
  const Tensor rows = classify::averaged_probabilities(classifier, photos.all(), 2);
  files.insert(files.begin() + 3, folder.path() / "not_there.jpg");
  std::ofstream(folder.path() / "broken.jpg") << "no photo";
  files.insert(files.begin() + 40, folder.path() / "broken.jpg");
  std::vector<std::size_t> reported;
  const auto all =
      classifier.predict_all(files, {.top = 3, .views = 2, .progress = [&](auto done, auto total) {
                                       EXPECT_EQ(total, 52U);
                                       reported.push_back(done);
                                       return true;
                                     }});
  EXPECT_EQ(reported, (std::vector<std::size_t>{32, 52}));
  ASSERT_EQ(all.size(), 52U);
  std::size_t row = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool bad = i == 3 || i == 40;
    EXPECT_EQ(all[i].error.empty(), !bad) << i;
    EXPECT_EQ(all[i].predictions.empty(), bad) << i;
    if (!bad) expect_same(all[i].predictions, classifier.best(rows.data().subspan(3 * row++, 3)));
  }
  EXPECT_NE(all[3].error.find("not_there.jpg"), std::string::npos);
}

TEST(Predict, APreparedClassifierHasTheSameAnswers) {
  const test::TemporaryFolder folder;
  const std::vector<fs::path> files = write_photos(folder.path(), 12);
  const Classifier unprepared = small_network();
  const auto expected = unprepared.predict_all(files);
  for (const std::int64_t photos : {1, 12}) {
    const Classifier prepared(unprepared.model(), unprepared.metadata());
    prepared.prepare(photos);
    const auto answers = prepared.predict_all(files);
    for (std::size_t i = 0; i < files.size(); ++i)
      expect_same(answers[i].predictions, expected[i].predictions);
  }
  EXPECT_THROW(unprepared.prepare(0), Error);
}

TEST(Predict, AStopLeavesTheRestWithoutAnAnswer) {
  const test::TemporaryFolder folder;
  const Classifier classifier = small_network();
  const auto all = classifier.predict_all(write_photos(folder.path(), 40),
                                          {.progress = [](std::size_t, std::size_t) { return false; }});
  EXPECT_FALSE(all[31].predictions.empty());
  EXPECT_EQ(all[32].error, "not classified: stopped");
}

TEST(Predict, AFolderIsListedWithWhatIsNoPhoto) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder.path() / "below");
  const fs::path first = write_photo(folder.path() / "a.ppm", 9, 9);
  write_photo(folder.path() / "below" / "b.ppm", 9, 9);
  std::ofstream(folder.path() / "notes.txt") << "text";
  const auto all = small_network().predict_folder(folder.path());
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].path, first);
  EXPECT_EQ(all[2].path.filename(), "notes.txt");
  EXPECT_FALSE(all[2].error.empty());
  EXPECT_THROW((void)small_network().predict_folder(folder.path() / "nothing"), Error);
}

TEST(Predict, PixelsInTheCallersMemoryMayHaveWiderRows) {
  const Classifier classifier = small_network();
  constexpr std::int64_t kHeight = 7, kWidth = 5, kStride = 19;
  Tensor image({kHeight, kWidth, 3}, DType::uint8);
  std::vector<std::uint8_t> frame(kHeight * kStride, 77);
  for (std::int64_t y = 0; y < kHeight; ++y) {
    for (std::int64_t x = 0; x < kWidth * 3; ++x) {
      const auto value = static_cast<std::uint8_t>(y * 31 + x * 7);
      image.data<std::uint8_t>()[static_cast<std::size_t>(y * kWidth * 3 + x)] = value;
      frame[static_cast<std::size_t>(y * kStride + x)] = value;
    }
  }
  const PixelView view{.data = frame.data(), .width = kWidth, .height = kHeight, .stride_bytes = kStride};
  expect_same(classifier.predict(view), classifier.predict(image));
  PixelView dense = view;
  dense.data = image.data<std::uint8_t>().data();
  dense.stride_bytes = 0;
  expect_same(classifier.predict(dense), classifier.predict(image));
  EXPECT_THROW((void)classifier.predict(PixelView{}), Error);
  PixelView narrow = view;
  narrow.stride_bytes = 14;
  EXPECT_THROW((void)classifier.predict(narrow), Error);
  PixelView gray = view;
  gray.channels = 1;
  EXPECT_THROW((void)classifier.predict(gray), Error);
  EXPECT_THROW((void)classifier.predict(view, {.views = 0}), Error);
}

}  // namespace
}  // namespace graft

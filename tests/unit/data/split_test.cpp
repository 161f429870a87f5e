// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using Positions = std::vector<std::size_t>;

TEST(NumpyPermutation, FirstNumbersOfNumpy) {
  // numpy.random.RandomState(seed).permutation(10)
  EXPECT_EQ(data::numpy_permutation(10, 0), (Positions{2, 8, 4, 9, 1, 6, 7, 3, 0, 5}));
  EXPECT_EQ(data::numpy_permutation(10, 42), (Positions{8, 1, 5, 0, 7, 2, 9, 4, 3, 6}));
  EXPECT_EQ(data::numpy_permutation(10, 4294967295U).size(), 10U);
  EXPECT_EQ(data::numpy_permutation(1, 3), (Positions{0}));
  EXPECT_TRUE(data::numpy_permutation(0, 3).empty());
}

TEST(Splits, SameFilesInTheSameOrderAsKeras) {
  const Json goldens = test::read_json(test::goldens() / "splits.json.gz");
  const test::TemporaryFolder folder;
  for (const auto& [name, files] : goldens["tree"].items()) {
    for (const Json& file : files) {
      test::write_file(folder.path() / name / file.get<std::string>(), test::ppm(2, 2, {1, 2, 3}));
    }
  }
  ASSERT_GE(goldens["splits"].size(), 10U);
  for (const Json& golden : goldens["splits"]) {
    data::ImageDatasetOptions options;
    options.image_size = 4;
    options.seed = golden["seed"].get<std::uint64_t>();
    options.validation_split = golden["validation_split"].get<double>();
    const auto training_files = golden["training"].get<std::vector<std::string>>();
    const auto validation_files = golden["validation"].get<std::vector<std::string>>();

    const auto [training, validation] = data::training_and_validation_from_directory(folder.path(), options);
    EXPECT_EQ(test::relative(training.file_paths(), folder.path()), training_files);
    EXPECT_EQ(test::relative(validation.file_paths(), folder.path()), validation_files);
    EXPECT_EQ(training.class_names(), golden["class_names"].get<std::vector<std::string>>());
    EXPECT_TRUE(training.options().shuffle);
    EXPECT_FALSE(validation.options().shuffle);

    options.subset = data::Subset::validation;
    const data::Dataset one = data::image_dataset_from_directory(folder.path(), options);
    EXPECT_EQ(test::relative(one.file_paths(), folder.path()), validation_files);
    for (std::size_t i = 0; i < one.size(); ++i) {
      const auto label = static_cast<std::size_t>(one.labels()[i]);
      EXPECT_TRUE(validation_files[i].starts_with(one.class_names()[label] + "/"));
    }
  }
}

TEST(StratifiedSplit, EachPartHasItsShareOfEachClass) {
  std::vector<int> labels;
  for (int i = 0; i < 100; ++i) labels.push_back(i < 80 ? 0 : 1);
  const std::vector<double> fractions{0.7, 0.2, 0.1};
  const auto parts = data::stratified_split(labels, fractions, 5);
  ASSERT_EQ(parts.size(), 3U);
  const std::vector<std::pair<int, int>> expected{{56, 14}, {16, 4}, {8, 2}};
  Positions all;
  for (std::size_t p = 0; p < 3; ++p) {
    const auto ones =
        std::count_if(parts[p].begin(), parts[p].end(), [&](std::size_t i) { return labels[i] == 1; });
    EXPECT_EQ(ones, expected[p].second);
    EXPECT_EQ(static_cast<int>(parts[p].size()) - ones, expected[p].first);
    EXPECT_TRUE(std::is_sorted(parts[p].begin(), parts[p].end()));
    all.insert(all.end(), parts[p].begin(), parts[p].end());
  }
  std::sort(all.begin(), all.end());
  Positions every(100);
  std::iota(every.begin(), every.end(), std::size_t{0});
  EXPECT_EQ(all, every);
  EXPECT_EQ(data::stratified_split(labels, fractions, 5), parts);
  EXPECT_NE(data::stratified_split(labels, fractions, 6), parts);
}

TEST(StratifiedSplit, SmallClassesReachEveryPartWhereTheyCan) {
  const std::vector<int> labels{0, 0, 0, 1, 1, 2};
  const auto parts = data::stratified_split(labels, std::vector<double>{0.9, 0.05, 0.05}, 1);
  for (const auto& part : parts) {
    EXPECT_EQ(std::count_if(part.begin(), part.end(), [&](std::size_t i) { return labels[i] == 0; }), 1);
  }
  EXPECT_NE(std::find(parts[0].begin(), parts[0].end(), 5U), parts[0].end())
      << "a single sample is for training";
  const auto none = data::stratified_split(labels, std::vector<double>{1.0, 0.0}, 1);
  EXPECT_TRUE(none[1].empty());
}

TEST(StratifiedSplit, RefusesFractionsThatAreNone) {
  const std::vector<int> labels{0, 1};
  EXPECT_THROW((void)data::stratified_split(labels, std::vector<double>{0.5, 0.4}, 1), Error);
  EXPECT_THROW((void)data::stratified_split(labels, std::vector<double>{1.5, -0.5}, 1), Error);
  EXPECT_THROW((void)data::stratified_split(labels, std::vector<double>{std::nan("")}, 1), Error);
}

TEST(FindLayout, KnowsPartsFromClasses) {
  const test::TemporaryFolder folder;
  const auto make = [&](const std::string& name) { fs::create_directories(folder.path() / name); };
  make("parts/Train/ants");
  make("parts/val/ants");
  make("parts/.git");
  const data::Layout parts = data::find_layout(folder.path() / "parts");
  EXPECT_TRUE(parts.has_parts());
  EXPECT_EQ(parts.train->filename(), "Train");
  EXPECT_EQ(parts.validation->filename(), "val");
  EXPECT_FALSE(parts.test.has_value());

  make("more/train/ants");
  make("more/test/ants");
  make("more/annotations");
  EXPECT_TRUE(data::find_layout(folder.path() / "more").test.has_value());

  make("classes/train");
  make("classes/test");
  make("classes/plane");
  EXPECT_FALSE(data::find_layout(folder.path() / "classes").has_parts());
  make("vehicles/train/steam");
  make("vehicles/plane");
  EXPECT_FALSE(data::find_layout(folder.path() / "vehicles").has_parts());

  make("twice/train/ants");
  make("twice/val");
  make("twice/valid");
  EXPECT_THROW((void)data::find_layout(folder.path() / "twice"), Error);
  EXPECT_THROW((void)data::find_layout(folder.path() / "nowhere"), Error);
}

}  // namespace
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using data::LoadPhotosOptions;
using data::PixelType;

/// Two classes of 12 photos of many sizes; broken ones are added by the tests.
class PhotoSet : public testing::Test {
 protected:
  PhotoSet() {
    for (int i = 0; i < 12; ++i) {
      add("ants/" + std::to_string(i) + ".ppm", test::ramp(20 + i, 30 - i, i));
      add("bees/" + std::to_string(i) + ".ppm", test::ramp(9 + i, 15, 100 + i));
    }
  }
  void add(const std::string& name, const std::string& bytes) const {
    test::write_file(root() / name, bytes);
  }
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }
  [[nodiscard]] data::PhotoSet load(const LoadPhotosOptions& options) const {
    return data::load_photos(data::list_photos(root()), options);
  }

 private:
  test::TemporaryFolder folder_;
};

/// Every number of one shuffled epoch in a row.
std::vector<float> epoch_of(const data::Dataset& dataset, std::uint64_t epoch) {
  std::vector<float> all;
  auto pass = dataset.iterate(epoch);
  while (const auto batch = pass.next()) {
    all.insert(all.end(), batch->images.data().begin(), batch->images.data().end());
    for (const std::int32_t label : batch->labels.data<std::int32_t>())
      all.push_back(static_cast<float>(label));
  }
  return all;
}

/// Bytes in memory and on disk: none, some, all, and some of each.
constexpr std::pair<std::size_t, std::size_t> kCaches[] = {
    {0, 0}, {4000, 0}, {data::kDefaultCacheBytes, 0}, {0, 1U << 30U}, {4000, 4000}};

TEST_F(PhotoSet, PixelsOnDiskOutliveThePhotos) {
  const data::Dataset dataset =
      load({.image_size = 8, .cache_bytes = 0, .disk_cache_bytes = 1U << 30U}).all({.batch_size = 6});
  const std::vector<float> before = epoch_of(dataset, 0);
  fs::remove_all(root() / "bees");
  EXPECT_TRUE(epoch_of(dataset, 0) == before);
}

TEST_F(PhotoSet, SameBatchesForAnyNumberOfThreadsAndAnyCache) {
  for (const PixelType type : {PixelType::float32, PixelType::uint8}) {
    std::vector<float> first;
    for (const int threads : {1, 2, 5}) {
      for (const auto& [cache, disk] : kCaches) {
        const data::PhotoSet photos = load({.image_size = 8,
                                            .pixel_type = type,
                                            .cache_bytes = cache,
                                            .disk_cache_bytes = disk,
                                            .threads = threads});
        const data::Dataset dataset =
            photos.all({.batch_size = 5, .shuffle = true, .seed = 3, .threads = threads});
        std::vector<float> numbers = epoch_of(dataset, 2);
        ASSERT_EQ(numbers.size(), 24U * (8 * 8 * 3 + 1));
        if (first.empty()) first = numbers;
        EXPECT_TRUE(numbers == first) << threads << " threads, cache " << cache << ", on disk " << disk;
      }
    }
  }
}

TEST_F(PhotoSet, PixelsAreResizedPhotos) {
  const data::PhotoSet exact = load({.image_size = {8, 6}});
  const data::PhotoSet small = load({.image_size = {8, 6}, .pixel_type = PixelType::uint8});
  const std::vector<std::size_t> one{13};
  const Tensor expected = data::resize(data::read_image(exact.file_paths()[13]), {8, 6});
  EXPECT_EQ(test::max_difference(exact.all().gather(one).images.data(), expected.data()), 0.0);
  const Tensor rounded = small.all().gather(one).images;
  EXPECT_LE(test::max_difference(rounded.data(), expected.data()), 0.5);
  for (const float value : rounded.data()) EXPECT_EQ(value, std::floor(value));
}

TEST_F(PhotoSet, LeavesOutBrokenFilesWithAReason) {
  add("ants/0.ppm", "P6 9 9 255\nshort");
  add("bees/3.jpg", "no picture");
  add("bees/4.jpg", "");
  add("bees/notes.txt", "no picture");
  add("bees/huge.pnm", "P6 90000 90000 255\n");
  const data::PhotoSet photos = load({.image_size = 4});
  EXPECT_EQ(photos.size(), 23U);
  EXPECT_EQ(photos.labels().size(), 23U);
  EXPECT_EQ(std::count(photos.labels().begin(), photos.labels().end(), 0), 11);
  std::vector<std::string> reported;
  for (const data::LeftOut& file : photos.left_out())
    reported.push_back(file.path.filename().string() + ": " + file.reason.substr(0, 14));
  EXPECT_EQ(reported,
            (std::vector<std::string>{"0.ppm: truncated PNM:", "3.jpg: not an image (", "4.jpg: empty file",
                                      "huge.pnm: claims 90000 x", "notes.txt: not an image"}));
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const std::string name = photos.file_paths()[i].parent_path().filename().string();
    EXPECT_EQ(photos.class_names()[static_cast<std::size_t>(photos.labels()[i])], name);
  }
}

TEST_F(PhotoSet, DatasetsListTheFilesThatAreLeftOut) {
  add("bees/4.jpg", "");
  const data::Dataset all = load({.image_size = 4}).all();
  ASSERT_EQ(all.left_out().size(), 1U);
  EXPECT_EQ(all.left_out()[0].path.filename(), "4.jpg");
  const std::vector<std::size_t> first{0};
  EXPECT_EQ(all.subset(first, {}).left_out().size(), 1U);
}

TEST_F(PhotoSet, HashesFilesOnlyWhereKeysAreWanted) {
  EXPECT_EQ(load({.image_size = 4}).all().sample_keys().size(), 24U);
  EXPECT_TRUE(load({.image_size = 4, .sample_keys = false}).all().sample_keys().empty());
}

TEST_F(PhotoSet, AClassWithoutAPhotoIsAnErrorThatNamesIt) {
  add("wasps/1.jpg", "no picture");
  add("wasps/2.jpg", "");
  const auto message = [&](const auto& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_file);
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string loading = message([&] { (void)load({.image_size = 4}); });
  EXPECT_NE(loading.find("class 'wasps' is left without a photo: none of its 2"), std::string::npos)
      << loading;
  const std::string dataset =
      message([&] { (void)data::image_dataset_from_directory(root(), {.image_size = 4}); });
  EXPECT_NE(dataset.find("'wasps'"), std::string::npos) << dataset;
  EXPECT_EQ(load({.image_size = 4, .require_every_class = false}).class_names().size(), 3U);
}

TEST_F(PhotoSet, StopsOnRequest) {
  std::size_t last = 0;
  const auto list = data::list_photos(root());
  (void)data::load_photos(list, {.image_size = 4}, [&](std::size_t done, std::size_t total) {
    EXPECT_GT(done, last);
    EXPECT_EQ(total, 24U);
    last = done;
    return true;
  });
  EXPECT_EQ(last, 24U);
  try {
    (void)data::load_photos(list, {.image_size = 4}, [](std::size_t, std::size_t) { return false; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  }
}

TEST_F(PhotoSet, IteratorsMayEndEarly) {
  const data::Dataset dataset =
      load({.image_size = 8, .cache_bytes = 0}).all({.batch_size = 2, .shuffle = true, .threads = 3});
  for (int taken = 0; taken < 14; ++taken) {
    auto pass = dataset.iterate(static_cast<std::uint64_t>(taken));
    for (int i = 0; i < taken; ++i) (void)pass.next();
  }
  auto one = dataset.iterate(0);
  auto other = dataset.iterate(1);
  EXPECT_TRUE(one.next().has_value());
  other = std::move(one);
  EXPECT_TRUE(other.next().has_value());
}

TEST_F(PhotoSet, APhotoThatVanishesIsAnErrorOfTheIterator) {
  const data::Dataset dataset =
      load({.image_size = 8, .cache_bytes = 0}).all({.batch_size = 6, .threads = 2});
  fs::remove(root() / "bees/0.ppm");
  auto pass = dataset.iterate();
  EXPECT_TRUE(pass.next().has_value());
  EXPECT_TRUE(pass.next().has_value());
  try {
    (void)pass.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("0.ppm could be read before"), std::string::npos)
        << error.what();
  }
  EXPECT_FALSE(pass.next().has_value());
}

TEST_F(PhotoSet, KerasArgumentsAreChecked) {
  const auto kind = [&](const data::ImageDatasetOptions& options) {
    try {
      (void)data::image_dataset_from_directory(root(), options);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::internal;
  };
  const auto bad = ErrorKind::invalid_argument;
  EXPECT_EQ(kind({.seed = 1, .validation_split = 1.5, .subset = data::Subset::training}), bad);
  EXPECT_EQ(kind({.seed = 1, .validation_split = 0.2}), bad);
  EXPECT_EQ(kind({.seed = 1, .subset = data::Subset::training}), bad);
  EXPECT_EQ(kind({.validation_split = 0.2, .subset = data::Subset::training}), bad);
  EXPECT_EQ(kind({.seed = 1ULL << 32U}), bad);
  EXPECT_EQ(kind({.seed = 1, .validation_split = 0.2, .subset = data::Subset::both}), bad);
  EXPECT_EQ(kind({.seed = 1, .validation_split = 0.01, .subset = data::Subset::validation}), bad);
  EXPECT_EQ(kind({.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}), bad);
  EXPECT_EQ(kind({.labels = std::vector<int>{1, 0}}), bad);
  EXPECT_EQ(kind({.image_size = 0}), bad);
}

TEST_F(PhotoSet, LabelsMayBeGivenOrLeftAway) {
  std::vector<int> labels(24);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int>(i % 3);
  const auto given =
      data::image_dataset_from_directory(root(), {.labels = labels, .image_size = 4, .shuffle = false});
  EXPECT_EQ(given.labels(), labels);
  EXPECT_EQ(given.class_names(), (std::vector<std::string>{"0", "1", "2"}));
  const auto none =
      data::image_dataset_from_directory(root(), {.label_mode = data::LabelMode::none, .image_size = 4});
  EXPECT_EQ(none.size(), 24U);
  EXPECT_TRUE(none.iterate().next()->labels.empty());
  add("wasps/0.ppm", test::ramp(4, 4, 1));
  EXPECT_THROW((void)data::image_dataset_from_directory(root(), {.label_mode = data::LabelMode::binary}),
               Error);
}

}  // namespace
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include "transfer/load/photo_pool.hpp"

#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "support.hpp"
#include "transfer/split/split.hpp"
#include "wave_photo.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

/// Two classes of 20 photos each; every fourth of a class is there a second time, a little brighter.
void write_photos(const fs::path& folder) {
  for (int i = 0; i < 20; ++i) {
    for (const int k : {0, 1}) {
      const std::string name = (k == 0 ? "a/" : "b/") + std::to_string(i);
      test::write_wave_photo(folder / (name + ".ppm"), static_cast<std::uint64_t>(100 * k + i));
      if (i % 4 == 0)
        test::write_wave_photo(folder / (name + "_again.ppm"), static_cast<std::uint64_t>(100 * k + i), 3);
    }
  }
}

TrainOptions options_with(Duplicates duplicates, const std::string& group_by = "") {
  TrainOptions options;
  options.evaluation.duplicates = duplicates;
  options.evaluation.group_by = group_by;
  return options;
}

PhotoPool pool_of(const fs::path& folder, const TrainOptions& options) {
  Reporter reporter(options);
  return load_pool(list_parts(folder, options), options, Size2D{48, 48}, reporter);
}

/// The stems of a part's photos.
std::multiset<std::string> names_of(const data::Dataset& part) {
  std::multiset<std::string> names;
  for (const fs::path& path : part.file_paths())
    names.insert((path.parent_path().filename() / path.stem()).string());
  return names;
}

TEST(GroupPaths, ByFolderPrefixAndExpression) {
  const std::vector<fs::path> paths{"p/a/x/1_a.jpg", "p/a/x/1_b.jpg", "p/a/y/1_a.jpg", "p/b/dog-7.jpg",
                                    "p/b/dog-7-2.jpg"};
  using Groups = std::vector<std::size_t>;
  EXPECT_EQ(group_paths(paths, "p", "parent-folder"), (Groups{0, 0, 2, 3, 3}));
  EXPECT_EQ(group_paths(paths, "p", "prefix"), (Groups{0, 0, 2, 3, 4}));
  EXPECT_EQ(group_paths(paths, "p", "(dog-[0-9]+)"), (Groups{0, 1, 2, 3, 3}));
  EXPECT_EQ(group_paths(paths, "p", "^[ab]/"), (Groups{0, 0, 0, 3, 3}));
  EXPECT_THROW(static_cast<void>(group_paths(paths, "p", "(dog")), Error);
}

TEST(PhotoPool, DuplicatesAreToldAndStayInOnePart) {
  const test::TemporaryFolder folder;
  write_photos(folder.path());
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    TrainOptions options = options_with(Duplicates::report);
    options.seed = seed;
    const PhotoPool pool = pool_of(folder.path(), options);
    EXPECT_EQ(pool.duplicates->near, 10U);
    EXPECT_EQ(pool.duplicates->exact, 0U);
    EXPECT_EQ(pool.duplicates->examples.size(), 10U);
    const Photos photos = split_pool(pool, options, false);
    EXPECT_EQ(photos.train.size() + photos.validation.size() + photos.test.size(), 50U);
    EXPECT_EQ(photos.duplicates->test_photos_in_training, 0U);
    EXPECT_EQ(photos.duplicates->validation_photos_in_training, 0U);
    for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
      const std::multiset<std::string> names = names_of(*part);
      for (const std::string& name : names) {
        const std::string twin = name.ends_with("_again") ? name.substr(0, name.size() - 6) : name;
        EXPECT_TRUE(names.contains(twin)) << name;
      }
    }
    EXPECT_EQ(photos.train_groups.size(), photos.train.size());
  }
}

TEST(PhotoPool, IgnoredDuplicatesLeaveTheSplitAsItWas) {
  const test::TemporaryFolder folder;
  write_photos(folder.path());
  const TrainOptions options = options_with(Duplicates::ignore);
  const PhotoPool pool = pool_of(folder.path(), options);
  EXPECT_FALSE(pool.duplicates);
  EXPECT_TRUE(pool.groups.empty());
  const Photos photos = split_pool(pool, options, false);
  const Split parts =
      split_by_content({.labels = pool.train.labels(), .prints = pool.prints, .seed = options.seed});
  EXPECT_EQ(photos.test.file_paths(), pool.train.subset(parts.test).file_paths());
  std::size_t together = 0;
  for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
    const std::multiset<std::string> names = names_of(*part);
    for (const std::string& name : names) together += names.contains(name + "_again") ? 1 : 0;
  }
  EXPECT_LT(together, 10U) << "or the test above shows nothing";
}

TEST(PhotoPool, KerasSplitStaysKerasAndTellsWhatIsOnBothSides) {
  const test::TemporaryFolder folder;
  write_photos(folder.path());
  const TrainOptions told = options_with(Duplicates::report);
  const Photos photos = split_pool(pool_of(folder.path(), told), told, true);
  const TrainOptions ignored = options_with(Duplicates::ignore);
  const Photos before = split_pool(pool_of(folder.path(), ignored), ignored, true);
  EXPECT_EQ(photos.train.file_paths(), before.train.file_paths());
  EXPECT_EQ(photos.test.file_paths(), before.test.file_paths());
  EXPECT_GT(photos.duplicates->validation_photos_in_training, 0U);
}

TEST(PhotoPool, DropKeepsOneOfEachAndNoneThatTheTestHas) {
  const test::TemporaryFolder folder;
  write_photos(folder.path() / "train");
  test::write_wave_photo(folder.path() / "test" / "a" / "t1.ppm", 1);    // as train/a/1
  test::write_wave_photo(folder.path() / "test" / "b" / "t2.ppm", 999);  // new
  TrainOptions options = options_with(Duplicates::report);
  const Photos told = split_pool(pool_of(folder.path(), options), options, false);
  EXPECT_EQ(told.duplicates->exact, 1U);
  EXPECT_EQ(told.duplicates->test_photos_in_training, 1U);
  options.evaluation.duplicates = Duplicates::drop;
  const PhotoPool pool = pool_of(folder.path(), options);
  EXPECT_EQ(pool.duplicates->dropped, 11U);
  const Photos photos = split_pool(pool, options, false);
  EXPECT_EQ(photos.train.size() + photos.validation.size(), 39U);
  EXPECT_EQ(photos.test.size(), 2U);
  EXPECT_EQ(photos.duplicates->test_photos_in_training, 0U);
  EXPECT_FALSE(names_of(photos.train).contains("a/1"));
}

TEST(PhotoPool, GroupsAreNeverOnBothSidesAndFoldsHoldEachPhotoOnce) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 24; ++i) {
    const std::string name = std::to_string(i / 4) + "_" + std::to_string(i) + ".ppm";
    test::write_wave_photo(folder.path() / "a" / name, static_cast<std::uint64_t>(i));
    test::write_wave_photo(folder.path() / "b" / name, static_cast<std::uint64_t>(500 + i));
  }
  TrainOptions options = options_with(Duplicates::report, "prefix");
  options.evaluation.folds = 3;
  const PhotoPool pool = pool_of(folder.path(), options);
  const auto check = [&](const Photos& photos) {
    std::map<std::string, std::set<int>> where;
    int number = 0;
    for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
      for (const std::string& name : names_of(*part)) where[name.substr(0, name.find('_'))].insert(number);
      ++number;
    }
    EXPECT_EQ(where.size(), 12U);
    for (const auto& [group, parts] : where) EXPECT_EQ(parts.size(), 1U) << group;
  };
  check(split_pool(pool, options, false));
  check(split_pool(pool, options, true));
  std::multiset<std::string> tested;
  for (const auto& fold : fold_pool(pool, options)) {
    const Photos photos = parts_of_fold(pool, options, fold);
    check(photos);
    tested.merge(names_of(photos.test));
  }
  EXPECT_EQ(tested.size(), 48U);
  EXPECT_EQ(std::set<std::string>(tested.begin(), tested.end()).size(), 48U);
}

TEST(PhotoPool, UnevenClassesAreTold) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 12; ++i)
    test::write_wave_photo(folder.path() / "a" / (std::to_string(i) + ".ppm"), static_cast<std::uint64_t>(i));
  for (int i = 0; i < 4; ++i)
    test::write_wave_photo(folder.path() / "b" / (std::to_string(i) + ".ppm"),
                           static_cast<std::uint64_t>(50 + i));
  const PhotoPool pool = pool_of(folder.path(), options_with(Duplicates::report));
  ASSERT_EQ(pool.notes.size(), 1U);
  EXPECT_NE(pool.notes[0].find("a has 12 photos, b 4"), std::string::npos) << pool.notes[0];
}

}  // namespace
}  // namespace graft::transfer

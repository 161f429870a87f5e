// SPDX-License-Identifier: Apache-2.0
// How photos with several labels are divided: in a first round, in a later one, and in folds.
#include "transfer/several/several_photos.hpp"

#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "support.hpp"
#include "transfer/context/reporter.hpp"
#include "wave_photo.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

/// Photos with the labels that the bits of their numbers say, and lists of them.
class SeveralPhotos : public testing::Test {
 protected:
  SeveralPhotos() {
    for (int i = 0; i < 40; ++i) add(i);
  }

  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  void add(int i) {
    test::write_wave_photo(folder() / (std::to_string(i) + ".ppm"), static_cast<std::uint64_t>(i));
    add_row(std::to_string(i) + ".ppm", i);
  }
  /// The same picture, a little brighter.
  void add_again(int i) {
    const std::string name = "again" + std::to_string(i) + ".ppm";
    test::write_wave_photo(folder() / name, static_cast<std::uint64_t>(i), 3);
    add_row(name, i);
  }
  void add_row(const std::string& name, int i) {
    rows_ += name + "," + (i % 2 == 0 ? "even" : "odd") + (i % 3 == 0 ? "|third" : "") + "\n";
  }

  [[nodiscard]] TrainOptions options() const {
    std::ofstream(folder() / "list.csv", std::ios::binary) << "path,labels\n" << rows_;
    TrainOptions options;
    options.listing.labels.file = folder() / "list.csv";
    options.listing.labels.several = true;
    return options;
  }
  [[nodiscard]] PhotoPool pool(const TrainOptions& options) const {
    Reporter reporter(options);
    return load_pool(list_parts(folder(), options), options, Size2D{48, 48}, reporter);
  }

  /// The part of each photo, by its name.
  static std::map<std::string, Part> parts_of(const Photos& photos) {
    std::map<std::string, Part> parts;
    for (const auto& [part, dataset] :
         {std::pair{Part::train, &photos.train}, std::pair{Part::validation, &photos.validation},
          std::pair{Part::test, &photos.test}}) {
      for (const fs::path& file : dataset->file_paths()) parts[file.stem().string()] = part;
    }
    return parts;
  }
  /// By the prints of the photos.
  static std::map<std::string, Part> known_of(const PhotoPool& pool, const Photos& photos) {
    const std::map<std::string, Part> parts = parts_of(photos);
    std::map<std::string, Part> known;
    for (std::size_t i = 0; i < pool.prints.size(); ++i)
      known[pool.prints[i]] = parts.at(pool.train.file_paths()[i].stem().string());
    return known;
  }

 private:
  test::TemporaryFolder folder_;
  std::string rows_;
};

TEST_F(SeveralPhotos, ALaterRoundKeepsPartsAndPutsLikePhotosWithThem) {
  const TrainOptions first_options = options();
  const PhotoPool first_pool = pool(first_options);
  const Photos first = split_several(first_pool, first_options);
  const std::map<std::string, Part> before = parts_of(first);
  ASSERT_EQ(before.size(), 40U);
  // Photos that are nearly those of each part, and new ones.
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    const auto found = std::ranges::find(before, part, [](const auto& one) { return one.second; });
    ASSERT_NE(found, before.end());
    add_again(std::stoi(found->first));
  }
  for (int i = 100; i < 120; ++i) add(i);
  const TrainOptions later_options = options();
  const PhotoPool later_pool = pool(later_options);
  const Photos later = split_several(later_pool, later_options, known_of(first_pool, first));
  const std::map<std::string, Part> now = parts_of(later);
  EXPECT_EQ(now.size(), 63U);
  for (const auto& [name, part] : now) {
    const std::string of = name.starts_with("again") ? name.substr(5) : name;
    if (before.contains(of)) {
      EXPECT_EQ(part, before.at(of)) << name;
    }
  }
  EXPECT_GT(later.test.size(), first.test.size() + 1);
  EXPECT_NE(later.split_note.find("40 known from earlier rounds keep their part"), std::string::npos)
      << later.split_note;
}

TEST_F(SeveralPhotos, WithoutEarlierRoundsNothingIsKnown) {
  const TrainOptions given = options();
  const PhotoPool photos = pool(given);
  EXPECT_EQ(parts_of(split_several(photos, given)), parts_of(split_several(photos, given, {})));
  EXPECT_EQ(parts_of(split_several(photos, given, {{"a print of no photo", Part::test}})),
            parts_of(split_several(photos, given)));
}

TEST_F(SeveralPhotos, EachFoldIsTestedOnceAndHasEachLabel) {
  TrainOptions given = options();
  given.evaluation.folds = 4;
  const PhotoPool photos = pool(given);
  const PhotoFolds folds = fold_several(photos, given);
  ASSERT_EQ(folds.size(), 4U);
  std::size_t all = 0;
  for (const std::vector<std::size_t>& fold : folds) {
    all += fold.size();
    const Photos parts = several_parts_of_fold(photos, given, fold);
    EXPECT_EQ(parts.test.size(), fold.size());
    EXPECT_EQ(parts.train.size() + parts.validation.size() + fold.size(), 40U);
    EXPECT_GT(parts.validation.size(), 3U);
    std::map<int, int> labels;
    for (const std::vector<int>& set : parts.test.label_sets()) {
      for (const int label : set) ++labels[label];
    }
    EXPECT_EQ(labels.size(), 3U);
  }
  EXPECT_EQ(all, 40U);
  given.evaluation.folds = 41;
  EXPECT_NE(
      test::message_of([&] { static_cast<void>(fold_several(photos, given)); }, ErrorKind::invalid_argument)
          .find("too few for 41 folds"),
      std::string::npos);
}

}  // namespace
}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/error.hpp"
#include "graft/image.hpp"
#include "graft/photos.hpp"

#include "pictures.hpp"
#include "support.hpp"

namespace graft::data {
namespace {

constexpr std::int64_t kSize = 96;

/// A picture of a few soft blobs, another one for each seed.
Tensor blobs(std::uint64_t seed, double light = 1.0, double noise = 0.0) {
  Rng random(seed);
  Rng grain(seed, 1);
  std::array<std::array<double, 4>, 12> all{};
  for (auto& blob : all)
    blob = {random.uniform(0, 1), random.uniform(0, 1), random.uniform(0.05, 0.3), random.uniform(-90, 90)};
  Tensor picture(Shape{kSize, kSize, 3}, DType::uint8);
  for (std::int64_t i = 0; i < kSize * kSize; ++i) {
    const double y = static_cast<double>(i / kSize) / kSize;
    const double x = static_cast<double>(i % kSize) / kSize;
    double value = 128;
    for (const auto& [cy, cx, radius, height] : all)
      value += height * std::exp(-((y - cy) * (y - cy) + (x - cx) * (x - cx)) / (radius * radius));
    value = value * light + noise * grain.normal();
    for (std::int64_t c = 0; c < 3; ++c) {
      picture.data<std::uint8_t>()[static_cast<std::size_t>(3 * i + c)] =
          static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
    }
  }
  return picture;
}

int bits_between(const Tensor& a, const Tensor& b) {
  return std::popcount(fingerprint(a).pattern ^ fingerprint(b).pattern);
}

bool are_similar(const Tensor& a, const Tensor& b) {
  return !find_similar(std::array{fingerprint(a), fingerprint(b)}).empty();
}

TEST(Fingerprint, EqualPicturesAreEqualAndOneLevelIsNot) {
  const Tensor a = blobs(1);
  Tensor b = a.clone();
  EXPECT_EQ(fingerprint(a).pixels, fingerprint(b).pixels);
  b.data<std::uint8_t>()[100] ^= 1U;
  EXPECT_NE(fingerprint(a).pixels, fingerprint(b).pixels);
  const std::vector<SimilarPair> pairs =
      find_similar(std::array{fingerprint(a), fingerprint(b), fingerprint(a)});
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_FALSE(pairs[0].exact);
  EXPECT_TRUE(pairs[1].exact);
  EXPECT_EQ(pairs[1].second, 2U);
}

TEST(Fingerprint, SizeLightAndGrainHardlyMatter) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Tensor a = blobs(seed);
    EXPECT_LE(bits_between(a, resize(a, Size2D{61, 61})), 4) << seed;
    EXPECT_TRUE(are_similar(a, resize(a, Size2D{61, 61}))) << seed;
    EXPECT_TRUE(are_similar(a, blobs(seed, 0.9, 4))) << seed;
  }
}

TEST(Fingerprint, OtherPicturesAreFarAway) {
  double bits = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    bits += bits_between(blobs(seed), blobs(seed + 100));
    EXPECT_FALSE(are_similar(blobs(seed), blobs(seed + 100))) << seed;
  }
  EXPECT_GT(bits / 40, 22);
}

TEST(Fingerprint, PlainPicturesAreTheSameOnlyIfEqual) {
  const auto plain = [](std::uint8_t level) {
    Tensor picture(Shape{32, 32, 3}, DType::uint8);
    std::ranges::fill(picture.data<std::uint8_t>(), level);
    return picture;
  };
  EXPECT_FALSE(are_similar(plain(100), plain(101)));
  EXPECT_TRUE(are_similar(plain(100), plain(100)));
}

TEST(Fingerprint, AcceptsAnySizeAndRefusesOtherTensors) {
  EXPECT_NO_THROW(static_cast<void>(fingerprint(Tensor(Shape{1, 1, 3}, DType::uint8))));
  EXPECT_NO_THROW(static_cast<void>(fingerprint(Tensor(Shape{7, 300, 1}))));
  EXPECT_NO_THROW(static_cast<void>(fingerprint(Tensor(Shape{300, 2, 4}, DType::uint8))));
  EXPECT_THROW(static_cast<void>(fingerprint(Tensor(Shape{4, 4, 2}))), Error);
  EXPECT_THROW(static_cast<void>(fingerprint(Tensor(Shape{4, 0, 3}))), Error);
  EXPECT_THROW(static_cast<void>(fingerprint(Tensor(Shape{4, 4}))), Error);
}

TEST(FindSimilar, EqualsComparingAllPairs) {
  std::vector<Fingerprint> prints;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    prints.push_back(fingerprint(blobs(seed)));
    if (seed % 4 == 0) prints.push_back(fingerprint(blobs(seed, 1, 3)));
  }
  const std::vector<SimilarPair> pairs = find_similar(prints);
  EXPECT_EQ(pairs.size(), 15U);
  for (const SimilarPair& pair : pairs) EXPECT_EQ(pair.second, pair.first + 1);
}

TEST(FindSimilar, NoPatternWithinReachIsMissed) {
  // Thumbnails alike, patterns that differ in exactly this many random bits: some band must find each.
  Rng random(4);
  for (int round = 0; round < 500; ++round) {
    Fingerprint a;
    a.pixels = 1;
    a.pattern = random.next();
    Fingerprint b = a;
    b.pixels = 2;
    while (std::popcount(a.pattern ^ b.pattern) < 6) b.pattern ^= std::uint64_t{1} << random.below(64);
    EXPECT_EQ(find_similar(std::array{a, b}).size(), 1U);
    while (std::popcount(a.pattern ^ b.pattern) < 7) b.pattern ^= std::uint64_t{1} << random.below(64);
    EXPECT_TRUE(find_similar(std::array{a, b}).empty());
  }
}

TEST(FindSimilar, ManyPicturesAndManyBlankOnesTakeLittleTime) {
  std::vector<Fingerprint> prints(100000);
  Rng random(6);
  for (std::size_t i = 0; i < prints.size(); ++i) {
    prints[i].pixels = i;
    prints[i].pattern = i % 10 == 0 ? 12345 : random.next();
    for (auto& value : prints[i].thumbnail) value = static_cast<std::uint8_t>(random.next());
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(find_similar(prints).empty());
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 60);
}

TEST(JoinGroups, PairsJoinExistingGroups) {
  const std::vector<SimilarPair> pairs{{.first = 1, .second = 4}};
  EXPECT_EQ(join_groups(5, {}, pairs), (std::vector<std::size_t>{0, 1, 2, 3, 1}));
  EXPECT_EQ(join_groups(5, std::array<std::size_t, 5>{7, 7, 8, 8, 9}, pairs),
            (std::vector<std::size_t>{0, 0, 2, 2, 0}));
  EXPECT_THROW(static_cast<void>(join_groups(2, std::array<std::size_t, 1>{1}, {})), Error);
}

TEST(Fingerprint, OfPhotosAreMadeWhereAskedFor) {
  GRAFT_REQUIRE_DATA(data);
  const PhotoList list = list_photos(data / "photos/ants_bees/val");
  EXPECT_TRUE(load_photos(list, {.image_size = 64}).fingerprints().empty());
  const PhotoSet photos = load_photos(list, {.image_size = 64, .fingerprints = true});
  EXPECT_EQ(photos.fingerprints().size(), photos.size());
}

/// Keeps what it is given.
class Remembered final : public KnownPhotos {
 public:
  std::optional<PhotoFacts> find(const Hash128& sample) override {
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(to_hex(sample));
    if (found == all_.end()) return std::nullopt;
    ++found_;
    return found->second;
  }
  void add(const Hash128& sample, const PhotoFacts& photo) override {
    const std::lock_guard lock(mutex_);
    all_[to_hex(sample)] = photo;
  }
  [[nodiscard]] std::size_t times_found() const { return found_; }

 private:
  std::mutex mutex_;
  std::map<std::string, PhotoFacts> all_;
  std::size_t found_ = 0;
};

TEST(PhotoFacts, AreThoseOfTheWholePictureAndRemembered) {
  const test::TemporaryFolder folder;
  test::write_file(folder.path() / "a/1.ppm", test::ramp(90, 60, 1));
  test::write_file(folder.path() / "b/2.ppm", test::ramp(70, 50, 2));
  const PhotoList list = list_photos(folder.path());
  auto known = std::make_shared<Remembered>();
  const LoadPhotosOptions without{.image_size = 16, .known = known};
  EXPECT_TRUE(load_photos(list, without).facts().empty());
  LoadPhotosOptions options = without;
  options.measures = true;
  // What was remembered without measures is decoded once more, then it has them.
  for (const std::size_t found : {2U, 4U}) {
    const PhotoSet photos = load_photos(list, options);
    ASSERT_EQ(photos.facts().size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      const PhotoMeasures whole = measure_photo(read_image(list.paths[i]));
      const PhotoFacts& facts = photos.facts()[i];
      EXPECT_EQ(facts.measures.width, whole.width);
      EXPECT_EQ(facts.measures.blur, whole.blur);
      EXPECT_EQ(facts.measures.contrast, whole.contrast);
      EXPECT_EQ(facts.bytes, std::filesystem::file_size(list.paths[i]));
      EXPECT_EQ(facts.format, ImageFormat::pnm);
    }
    EXPECT_NE(photos.facts()[0].contents, photos.facts()[1].contents);
    EXPECT_EQ(known->times_found(), found);
  }
  options.decode.color_mode = ColorMode::rgba;
  EXPECT_THROW((void)load_photos(list, options), Error);
}

}  // namespace
}  // namespace graft::data

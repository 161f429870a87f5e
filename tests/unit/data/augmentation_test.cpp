// SPDX-License-Identifier: Apache-2.0
// The changes against Keras's, and what augmentations draw.
#include <cmath>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/dataset.hpp"
#include "graft/error.hpp"

#include "data/augment/changes.hpp"
#include "data/augment/draws.hpp"
#include "support.hpp"

namespace graft::data {
namespace {

void change(PictureView& picture, const std::string& name, const std::vector<float>& n) {
  if (name == "brightness") return brighten(picture, n[0]);
  if (name == "contrast") return contrast(picture, n[0]);
  if (name == "fade") return fade(picture, n[0]);
  if (name == "sharpness") return sharpen(picture, n[0]);
  if (name == "posterise") return posterise(picture, static_cast<int>(n[0]));
  if (name == "solarise") return solarise(picture, n[0], n[1]);
  if (name == "auto_contrast") return auto_contrast(picture);
  if (name == "equalise") return equalise(picture);
  if (name == "shear") return transform(picture, {.xy = n[0], .yx = n[1]});
  if (name == "translation") return transform(picture, {.x0 = -n[0], .y0 = -n[1]});
  if (name == "rotation") return transform(picture, rotation(picture, n[0]));
  FAIL() << name;
}

TEST(Changes, EqualKeras) {
  const Json golden = test::read_json(test::goldens() / "augmentation.json");
  const std::size_t height = golden.at("height");
  const std::size_t width = golden.at("width");
  for (const Json& one : golden.at("cases")) {
    std::vector<float> pixels;
    for (const double u : test::u01("augmentation", height * width * 3))
      pixels.push_back(static_cast<float>(std::floor(u * 200 + 20)));
    PictureView picture{.pixels = pixels, .height = height, .width = width, .channels = 3};
    const std::string name = one.at("name");
    change(picture, name, one.at("numbers").get<std::vector<float>>());
    double most = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      most = std::max(most, std::abs(pixels[i] - one.at("after")[i].get<double>()));
    EXPECT_LT(most, 0.02) << name << " " << one.at("numbers");
  }
}

/// n photos (8, 10, 3) of the value of their number times 10, labels one-hot.
Batch photos(std::int64_t n) {
  Batch batch{.images = Tensor({n, 8, 10, 3}), .labels = Tensor({n, n}), .indices = {}};
  for (std::int64_t i = 0; i < n; ++i) {
    for (float& x : batch.images.slice(i, i + 1).data<float>()) x = static_cast<float>(i) * 10;
    batch.labels.data<float>()[static_cast<std::size_t>(i * n + i)] = 1;
  }
  return batch;
}

bool same(const Tensor& a, const Tensor& b) {
  return std::memcmp(a.data<float>().data(), b.data<float>().data(), a.data<float>().size_bytes()) == 0;
}

double expected_value(const Batch& batch, std::int64_t photo) {
  const std::int64_t n = batch.labels.shape()[1];
  double sum = 0;
  for (std::int64_t k = 0; k < n; ++k)
    sum += batch.labels.data<float>()[static_cast<std::size_t>(photo * n + k)] * static_cast<double>(k) * 10;
  return sum;
}

TEST(MixUp, BlendsPhotosAndLabelsEqually) {
  Batch batch = photos(16);
  MixUp({.alpha = 1})->apply(batch, 5);
  bool mixed = false;
  for (std::int64_t i = 0; i < 16; ++i) {
    const auto pixels = batch.images.slice(i, i + 1).data<float>();
    for (const float x : pixels) ASSERT_NEAR(x, expected_value(batch, i), 1e-3);
    double total = 0;
    for (std::int64_t k = 0; k < 16; ++k)
      total += batch.labels.data<float>()[static_cast<std::size_t>(i * 16 + k)];
    EXPECT_NEAR(total, 1, 1e-6);
    mixed = mixed || std::abs(pixels[0] - static_cast<float>(i) * 10) > 1;
  }
  EXPECT_TRUE(mixed);
}

TEST(CutMix, LabelsFollowTheArea) {
  Batch batch = photos(16);
  CutMix()->apply(batch, 3);
  double worst = 0;
  bool mixed = false;
  for (std::int64_t i = 0; i < 16; ++i) {
    std::map<float, int> seen;
    for (const float x : batch.images.slice(i, i + 1).data<float>()) ++seen[x];
    EXPECT_LE(seen.size(), 2U);
    mixed = mixed || seen.size() == 2;
    const double own = static_cast<double>(seen[static_cast<float>(i) * 10]) / (8 * 10 * 3);
    const double label = batch.labels.data<float>()[static_cast<std::size_t>(i * 16 + i)];
    worst = std::max(worst, std::abs(own - label));
  }
  EXPECT_TRUE(mixed);
  EXPECT_LT(worst, 0.25);  // the rectangle's edges are between pixels of a picture of 8 by 10
}

TEST(RandomErasing, ErasesOneRectangleWithinItsScale) {
  Batch batch = photos(40);
  for (float& x : batch.images.data<float>()) x = 100;
  RandomErasing({.factor = {0.5, 0.5}, .scale = {0.25, 0.25}, .fill_value = 7.0})->apply(batch, 1);
  int erased = 0;
  for (std::int64_t i = 0; i < 40; ++i) {
    int count = 0;
    for (const float x : batch.images.slice(i, i + 1).data<float>()) {
      ASSERT_TRUE(x == 100 || x == 7);
      count += x == 7 ? 1 : 0;
    }
    if (count == 0) continue;
    ++erased;
    EXPECT_EQ(count, 4 * 5 * 3);  // half of either side
  }
  EXPECT_GT(erased, 8);
  EXPECT_LT(erased, 32);
  Batch noisy = photos(2);
  RandomErasing({.factor = {1, 1}})->apply(noisy, 1);
  for (const float x : noisy.images.data<float>()) EXPECT_TRUE(x >= 0 && x <= 255);
}

TEST(Augmentations, SameKeySameChangeAndTheBatchGivenIsNotWrittenInto) {
  for (const char* name : {"mixup", "cutmix", "erasing", "randaugment", "randaugment=0.2"}) {
    const AugmentationPtr change = augmentation_from_name(name);
    bool differs = false;
    for (std::uint64_t key = 0; key < 6; ++key) {
      const Batch before = photos(6);
      for (std::size_t i = 0; i < before.images.data<float>().size(); ++i)
        const_cast<Tensor&>(before.images).data<float>()[i] += static_cast<float>(i % 97);
      const Tensor kept = before.images.clone();
      Batch a = before;
      Batch b = before;
      Batch c = before;
      change->apply(a, key);
      change->apply(b, key);
      change->apply(c, key + 100);
      EXPECT_TRUE(same(a.images, b.images) && same(a.labels, b.labels)) << name;
      EXPECT_TRUE(same(before.images, kept)) << name;
      differs = differs || !same(a.images, c.images);
    }
    EXPECT_TRUE(differs) << name;
  }
}

TEST(Augmentations, WrongLabelsNamesAndNumbersAreRefused) {
  Batch integers = photos(3);
  integers.labels = Tensor({3}, DType::int32);
  EXPECT_THROW(MixUp()->apply(integers, 0), Error);
  EXPECT_THROW(CutMix()->apply(integers, 0), Error);
  RandomErasing()->apply(integers, 0);
  for (const char* name :
       {"mixin", "", "mixup=", "mixup=2", "mixup=0", "mixup=x", "mixup=0.1x", "randaugment=nan"})
    EXPECT_THROW((void)augmentation_from_name(name), Error) << name;
  EXPECT_THROW((void)MixUp({.alpha = 0}), Error);
  EXPECT_THROW((void)RandomErasing({.scale = {0.5, 0.2}}), Error);
}

TEST(Draws, BetaHasItsMoments) {
  for (const double alpha : {1e-6, 0.2, 1.0, 4.0}) {
    Rng rng(9);
    const int count = 20000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; ++i) {
      const double x = draw_beta(rng, alpha);
      ASSERT_TRUE(x >= 0 && x <= 1) << alpha;
      sum += x;
      squares += (x - 0.5) * (x - 0.5);
    }
    EXPECT_NEAR(sum / count, 0.5, 0.012) << alpha;
    EXPECT_NEAR(squares / count, 0.25 / (2 * alpha + 1), 0.01) << alpha;
  }
}

}  // namespace
}  // namespace graft::data

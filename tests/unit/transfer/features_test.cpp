// SPDX-License-Identifier: Apache-2.0
#include "transfer/features/features.hpp"

#include <cstring>
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/random.hpp"
#include "graft/classifier.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/photos.hpp"
#include "graft/plan/plan.hpp"

#include "support.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/features/model_key.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

constexpr int kPhotos = 40;  // more than one batch of features
constexpr std::int64_t kSize = 64;

/// Photos of noise, two classes.
void write_photos(const fs::path& folder) {
  for (int i = 0; i < kPhotos; ++i) {
    const fs::path path = folder / (i % 2 == 0 ? "a" : "b") / (std::to_string(i) + ".ppm");
    fs::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << "P6\n32 24\n255\n";
    Rng random(7, static_cast<std::uint64_t>(i));
    for (int byte = 0; byte < 32 * 24 * 3; ++byte) file << static_cast<char>(random.below(256));
  }
}

data::Dataset photos_in(const fs::path& folder) {
  return data::load_photos(data::list_photos(folder),
                           {.image_size = kSize, .pixel_type = data::PixelType::uint8})
      .all();
}

data::Dataset chosen(const data::Dataset& all, std::vector<std::size_t> photos) {
  return all.subset(photos, all.options());
}

/// Two outputs: pooled, and something in the middle.
Model make_model(const std::string& name, std::uint64_t seed = 1) {
  set_random_seed(seed);
  const auto& application = applications::find_application(name);
  Model base = application.build({.input_shape = {kSize, kSize, 3}, .include_top = false, .weights = "none"});
  const SymbolicTensor input = Input({kSize, kSize, 3});
  const auto all = base.layers();
  const Layer& middle = all[all.size() / 3];
  const SymbolicTensor at_middle{middle.base(), 0, 0, middle.base()->nodes()[0].outputs[0]};
  const Model both(base.inputs(), {base.outputs()[0], at_middle}, "both");
  const SymbolicTensor first =
      both(applications::add_preprocessing(input, application.preprocessing), {.training = false});
  const SymbolicTensor second{first.layer, first.node, 1, at_middle.shape};
  return Model({input}, {layers::GlobalAveragePooling2D()(first), second}, "features");
}

struct Bench {
  test::TemporaryFolder photos, cache;
  TrainOptions options;
  Reporter reporter{options};
  Bench() { write_photos(photos.path()); }

  [[nodiscard]] Features features(const Model& model, const data::Dataset& dataset, bool use_cache) {
    return {FeatureRequest{.model = model,
                           .stage = "features",
                           .views = 2,
                           .cache = {.use = use_cache, .folder = cache.path() / "cache"},
                           .label = "features"},
            dataset, reporter};
  }
};

void expect_same_bits(const Tensor& a, const Tensor& b, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  EXPECT_EQ(std::memcmp(a.raw(), b.raw(), a.size_bytes()), 0) << what;
}

/// Row `row` of a and of b.
bool same_row(const Tensor& a, std::int64_t row_of_a, const Tensor& b, std::int64_t row_of_b) {
  const Tensor x = a.slice(row_of_a, row_of_a + 1), y = b.slice(row_of_b, row_of_b + 1);
  return std::memcmp(x.raw(), y.raw(), x.size_bytes()) == 0;
}

class FeaturesOf : public testing::TestWithParam<std::tuple<std::string, DTypePolicy>> {};

TEST_P(FeaturesOf, DependNeitherOnNeighboursNorOnThePlaceInTheBatch) {
  Bench bench;
  const ExecutionScope scope({.dtype_policy = std::get<1>(GetParam())});
  const Model model = make_model(std::get<0>(GetParam()));
  const data::Dataset all = photos_in(bench.photos.path());
  std::vector<std::size_t> order = Rng(3).permutation(kPhotos);
  order.resize(kPhotos - 5);
  Features of_all = bench.features(model, all, false);
  Features of_some = bench.features(model, chosen(all, order), false);
  for (const std::size_t output : {0U, 1U}) {
    const Tensor a = of_all.take(output), b = of_some.take(output);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i), other = static_cast<std::int64_t>(order[i]);
      EXPECT_TRUE(same_row(b, row, a, other)) << output << ": photo " << order[i] << " at place " << i;
      EXPECT_TRUE(same_row(b, row + static_cast<std::int64_t>(order.size()), a, other + kPhotos))
          << output << ": photo " << order[i] << " mirrored";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, FeaturesOf,
                         testing::Combine(testing::Values("mobilenet_v2", "mobilenet_v3_small",
                                                          "efficientnet_b0", "resnet50", "densenet121"),
                                          testing::Values(DTypePolicy::float32, DTypePolicy::mixed_bfloat16)),
                         [](const auto& tested) {
                           return std::get<0>(tested.param) + "_" +
                                  std::string(to_string(std::get<1>(tested.param)));
                         });

TEST(Features, FromTheCacheAreTheSameBitByBit) {
  Bench bench;
  const data::Dataset all = photos_in(bench.photos.path());
  Features plain = bench.features(make_model("mobilenet_v2"), all, false);
  Features first = bench.features(make_model("mobilenet_v2"), all, true);
  const Tensor pooled = first.take(0);
  EXPECT_EQ(first.computed(), 2U * kPhotos);
  // Another object, and layers of other names: as in another process.
  Features second = bench.features(make_model("mobilenet_v2"), all, true);
  for (const std::size_t output : {0U, 1U}) {
    expect_same_bits(second.take(output), plain.take(output), "from the cache");
    expect_same_bits(first.take(output), plain.take(output), "computed beside a cache");
  }
  EXPECT_EQ(second.computed(), 0U);
}

TEST(Features, OnlyWhatIsMissingIsComputed) {
  Bench bench;
  const Model model = make_model("mobilenet_v2");
  const data::Dataset all = photos_in(bench.photos.path());
  std::vector<std::size_t> half(kPhotos / 2);
  std::iota(half.begin(), half.end(), std::size_t{7});
  EXPECT_EQ(bench.features(model, chosen(all, half), true).take(0).shape()[0], kPhotos);
  Features rest = bench.features(model, all, true);
  const Tensor pooled = rest.take(0);
  EXPECT_EQ(rest.computed(), static_cast<std::size_t>(kPhotos));
  expect_same_bits(pooled, bench.features(model, all, false).take(0), "half from the cache");
}

TEST(Features, OtherWeightsSizesAndPrecisionsAreOtherFeatures) {
  Bench bench;
  const data::Dataset all = photos_in(bench.photos.path());
  const Tensor first = bench.features(make_model("mobilenet_v2"), all, true).take(0);
  Features other_weights = bench.features(make_model("mobilenet_v2", 2), all, true);
  EXPECT_NE(std::memcmp(other_weights.take(0).raw(), first.raw(), first.size_bytes()), 0);
  EXPECT_EQ(other_weights.computed(), 2U * kPhotos);
  const ExecutionScope scope({.dtype_policy = DTypePolicy::mixed_bfloat16});
  Features other_precision = bench.features(make_model("mobilenet_v2"), all, true);
  EXPECT_EQ(other_precision.take(0).shape(), first.shape());
  EXPECT_EQ(other_precision.computed(), 2U * kPhotos);
}

TEST(Features, FurtherViewsAreThoseOfTestTimeAndAddToWhatIsKept) {
  Bench bench;
  const Model model = make_model("mobilenet_v2");
  const data::Dataset all = photos_in(bench.photos.path());
  static_cast<void>(bench.features(model, all, true).take(0));
  Features more({.model = model,
                 .stage = "features",
                 .views = 5,
                 .cache = {.folder = bench.cache.path() / "cache"},
                 .label = "features"},
                all, bench.reporter);
  const Tensor rows = more.take(0);
  ASSERT_EQ(rows.shape()[0], 5 * kPhotos);
  EXPECT_EQ(more.computed(), 3U * kPhotos);  // the first two views were there
  data::DatasetOptions whole = all.options();
  whole.shuffle = false;
  whole.batch_size = kPhotos;
  const auto batch = all.with_options(whole).iterate().next();
  Model first(model.inputs(), {model.outputs()[0]}, "first");
  for (int view = 0; view < 5; ++view) {
    const Tensor expected = first.predict_on_batch(classify::view_of(batch->images, view));
    EXPECT_LT(test::max_difference(rows.slice(view * kPhotos, (view + 1) * kPhotos).data<float>(),
                                   expected.data<float>()),
              1e-4)
        << view;
  }
}

TEST(Features, ChangedPhotoIsAnotherPhoto) {
  Bench bench;
  const Model model = make_model("mobilenet_v2");
  const Tensor before = bench.features(model, photos_in(bench.photos.path()), true).take(0);
  std::fstream(bench.photos.path() / "a" / "0.ppm", std::ios::in | std::ios::out | std::ios::binary)
      .seekp(100)
      .put('!');
  Features after = bench.features(model, photos_in(bench.photos.path()), true);
  EXPECT_EQ(after.take(0).shape(), before.shape());
  EXPECT_EQ(after.computed(), 2U);  // plain and mirrored
}

TEST(Features, DamagedEntriesAreMadeAgain) {
  Bench bench;
  const Model model = make_model("mobilenet_v2");
  const data::Dataset all = photos_in(bench.photos.path());
  const Tensor whole = bench.features(model, all, true).take(0);
  for (const auto& entry : fs::recursive_directory_iterator(bench.cache.path())) {
    if (!entry.is_regular_file()) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = 500; at < entry.file_size(); at += 20'000)
      file.seekp(static_cast<std::streamoff>(at)).put('!');
  }
  Features again = bench.features(model, all, true);
  expect_same_bits(again.take(0), whole, "after damage");
  EXPECT_GT(again.computed(), 0U);
}

TEST(Features, WithoutAPlaceForTheCacheTheyAreComputedOnce) {
  Bench bench;
  const Model model = make_model("mobilenet_v2");
  const data::Dataset all = photos_in(bench.photos.path());
  std::ofstream(bench.cache.path() / "cache") << "a file where the folder should be";
  Features features = bench.features(model, all, true);
  Features plain = bench.features(model, all, false);
  for (const std::size_t output : {0U, 1U})
    expect_same_bits(features.take(output), plain.take(output), "no place");
  EXPECT_EQ(features.computed(), 2U * kPhotos);
}

TEST(ModelKey, TellsStructureAndWeightsNotNames) {
  const Hash128 key = model_key(make_model("mobilenet_v2"));
  EXPECT_EQ(model_key(make_model("mobilenet_v2")), key);
  EXPECT_NE(model_key(make_model("mobilenet_v2", 2)), key);
  Model changed = make_model("mobilenet_v2");
  changed.weights().back()->mutable_value().data()[0] += 1;
  EXPECT_NE(model_key(changed), key);
  const SymbolicTensor input = Input({8, 8, 3});
  const auto with = [&](double rate) {
    return model_key(Model(input, layers::LeakyReLU({.negative_slope = rate})(input)));
  };
  EXPECT_EQ(with(0.1), with(0.1));
  EXPECT_NE(with(0.1), with(0.2));
}

}  // namespace
}  // namespace graft::transfer

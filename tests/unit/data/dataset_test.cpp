// SPDX-License-Identifier: Apache-2.0
#include "graft/dataset.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "graft/error.hpp"

#include "support.hpp"

namespace graft {
namespace {

using data::Batch;
using data::Dataset;
using data::LabelMode;

/// n samples (1, 1, 2) of uint8: (i, i + 100).
Tensor numbered(std::int64_t n) {
  Tensor images(Shape{n, 1, 1, 2}, DType::uint8);
  for (std::int64_t i = 0; i < n; ++i) {
    images.data<std::uint8_t>()[static_cast<std::size_t>(2 * i)] = static_cast<std::uint8_t>(i);
    images.data<std::uint8_t>()[static_cast<std::size_t>(2 * i + 1)] = static_cast<std::uint8_t>(i + 100);
  }
  return images;
}

Tensor labels_of(const std::vector<int>& values) {
  Tensor labels(Shape{static_cast<std::int64_t>(values.size())}, DType::int32);
  std::copy(values.begin(), values.end(), labels.data<std::int32_t>().begin());
  return labels;
}

TEST(Dataset, BatchesInOrderTheLastSmaller) {
  const Dataset dataset = Dataset::from_tensors(numbered(5), labels_of({0, 1, 2, 0, 1}), {.batch_size = 2});
  EXPECT_EQ(dataset.size(), 5U);
  EXPECT_EQ(dataset.batches(), 3U);
  EXPECT_EQ(dataset.image_size(), Size2D(1, 1));
  EXPECT_EQ(dataset.class_names(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(dataset.labels(), (std::vector<int>{0, 1, 2, 0, 1}));
  auto pass = dataset.iterate();
  for (const std::int64_t size : {2, 2, 1}) {
    const std::optional<Batch> batch = pass.next();
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(batch->images.shape(), (Shape{size, 1, 1, 2}));
    EXPECT_EQ(batch->labels.shape(), (Shape{size}));
    for (std::size_t i = 0; i < batch->indices.size(); ++i) {
      EXPECT_EQ(batch->images.data()[2 * i + 1], static_cast<float>(batch->indices[i] + 100));
      EXPECT_EQ(batch->labels.data<std::int32_t>()[i], dataset.labels()[batch->indices[i]]);
    }
  }
  EXPECT_FALSE(pass.next().has_value());
  EXPECT_FALSE(pass.next().has_value());
}

TEST(Dataset, OrderDependsOnlyOnSeedAndEpoch) {
  const auto order = [](std::uint64_t seed, std::uint64_t epoch) {
    return Dataset::from_tensors(numbered(50), {}, {.shuffle = true, .seed = seed}).order(epoch);
  };
  EXPECT_EQ(order(1, 0), order(1, 0));
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
  auto sorted = order(1, 7);
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> every(50);
  std::iota(every.begin(), every.end(), std::size_t{0});
  EXPECT_EQ(sorted, every);
  EXPECT_EQ(Dataset::from_tensors(numbered(50)).order(3), every);
}

TEST(Dataset, LabelModes) {
  const auto labels = [](LabelMode mode, const std::vector<int>& values) {
    return Dataset::from_tensors(numbered(3), labels_of(values), {.label_mode = mode})
        .iterate()
        .next()
        ->labels;
  };
  const Tensor categorical = labels(LabelMode::categorical, {2, 0, 1});
  EXPECT_EQ(categorical.shape(), (Shape{3, 3}));
  EXPECT_EQ(test::max_difference(categorical.data(), std::vector<float>{0, 0, 1, 1, 0, 0, 0, 1, 0}), 0.0);
  const Tensor binary = labels(LabelMode::binary, {1, 0, 1});
  EXPECT_EQ(binary.shape(), (Shape{3, 1}));
  EXPECT_EQ(test::max_difference(binary.data(), std::vector<float>{1, 0, 1}), 0.0);
  EXPECT_TRUE(labels(LabelMode::none, {1, 0, 1}).empty());
  EXPECT_THROW((void)labels(LabelMode::binary, {1, 0, 2}), Error);

  const Tensor given = Tensor::from(Shape{3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const Dataset floats = Dataset::from_tensors(numbered(3), given);
  const Batch batch = floats.gather(std::vector<std::size_t>{2, 0});
  EXPECT_EQ(test::max_difference(batch.labels.data(), std::vector<float>{5, 6, 1, 2}), 0.0);
  EXPECT_TRUE(floats.labels().empty());
}

TEST(Dataset, SubsetsShareAndNest) {
  const Dataset all = Dataset::from_tensors(numbered(6), labels_of({0, 1, 0, 1, 0, 1}));
  const Dataset odd = all.subset(std::vector<std::size_t>{1, 3, 5}, {.batch_size = 4});
  const Dataset last = odd.subset(std::vector<std::size_t>{2}, {.label_mode = LabelMode::categorical});
  EXPECT_EQ(odd.labels(), (std::vector<int>{1, 1, 1}));
  const Batch batch = *last.iterate().next();
  EXPECT_EQ(batch.images.data()[0], 5.0F);
  EXPECT_EQ(batch.labels.shape(), (Shape{1, 2}));
  EXPECT_EQ(batch.indices, (std::vector<std::size_t>{0}));
  EXPECT_THROW((void)odd.subset(std::vector<std::size_t>{3}, {}), Error);
  EXPECT_THROW((void)odd.gather(std::vector<std::size_t>{3}), Error);
  EXPECT_EQ(all.subset({}, {}).batches(), 0U);
  EXPECT_FALSE(all.subset({}, {}).iterate().next().has_value());
  EXPECT_EQ(odd.with_options({.batch_size = 1}).batches(), 3U);
}

TEST(Dataset, RefusesInconsistentInput) {
  EXPECT_THROW((void)Dataset::from_tensors(numbered(3), labels_of({0, 1})), Error);
  EXPECT_THROW((void)Dataset::from_tensors(numbered(2), labels_of({0, -1})), Error);
  EXPECT_THROW((void)Dataset::from_tensors(numbered(2), labels_of({0, 2}), {.class_names = {"a", "b"}}),
               Error);
  EXPECT_THROW((void)Dataset::from_tensors(numbered(2), {}, {.batch_size = 0}), Error);
  EXPECT_THROW((void)Dataset::from_tensors(numbered(2), {}, {.threads = -1}), Error);
  EXPECT_THROW((void)Dataset::from_tensors(Tensor(), {}), Error);
  EXPECT_THROW((void)Dataset::from_tensors(Tensor(Shape{2, 2}, DType::int32), {}), Error);
}

TEST(Dataset, AnIteratorOutlivesItsDataset) {
  std::optional<data::BatchIterator> pass;
  {
    const Dataset dataset = Dataset::from_tensors(numbered(4), {}, {.batch_size = 3});
    pass = dataset.iterate();
  }
  data::BatchIterator moved = std::move(*pass);
  EXPECT_EQ(moved.next()->images.shape()[0], 3);
  EXPECT_EQ(moved.next()->images.shape()[0], 1);
}

}  // namespace
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include "graft/dataset.hpp"

#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"

#include "data/dataset/batch_queue.hpp"
#include "data/dataset/sample_source.hpp"
#include "data/dataset/tensor_source.hpp"

namespace graft::data {

std::string_view to_string(LabelMode mode) {
  switch (mode) {
    case LabelMode::integer:
      return "int";
    case LabelMode::categorical:
      return "categorical";
    case LabelMode::binary:
      return "binary";
    case LabelMode::none:
      break;
  }
  return "none";
}

BatchIterator::BatchIterator(std::unique_ptr<BatchQueue> queue) : queue_(std::move(queue)) {}
BatchIterator::BatchIterator(BatchIterator&& other) noexcept = default;
BatchIterator& BatchIterator::operator=(BatchIterator&& other) noexcept = default;
BatchIterator::~BatchIterator() = default;

std::optional<Batch> BatchIterator::next() { return queue_ ? queue_->next() : std::nullopt; }

Dataset Dataset::from_tensors(const Tensor& images, const Tensor& labels, const DatasetOptions& options) {
  auto source = make_tensor_source(images, labels, options.class_names);
  std::vector<std::size_t> rows(source->facts().count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return {std::move(source), std::move(rows), options};
}

Dataset::Dataset(std::shared_ptr<const SampleSource> source, std::vector<std::size_t> rows,
                 DatasetOptions options)
    : source_(std::move(source)), rows_(std::move(rows)), options_(std::move(options)) {
  if (options_.batch_size < 1)
    fail(ErrorKind::invalid_argument, "batch_size: expected 1 or more, received ", options_.batch_size);
  if (options_.threads < 0)
    fail(ErrorKind::invalid_argument, "threads: expected 0 or more, received ", options_.threads);
  const SampleSource::Facts& facts = source_->facts();
  options_.class_names = facts.class_names;
  if (facts.labels.empty() && facts.given_labels.empty())
    options_.label_mode = facts.label_sets.empty() ? LabelMode::none : LabelMode::categorical;
  if (options_.label_mode == LabelMode::binary && !facts.labels.empty() && facts.class_names.size() > 2) {
    fail(ErrorKind::invalid_argument, "label_mode binary: expected 2 classes, received ",
         facts.class_names.size());
  }
  for (const std::size_t row : rows_) {
    if (row >= facts.count)
      fail(ErrorKind::invalid_argument, "Dataset: sample ", row, " of ", facts.count, " was requested");
  }
}

std::size_t Dataset::batches() const {
  const auto size = static_cast<std::size_t>(options_.batch_size);
  return (rows_.size() + size - 1) / size;
}

Size2D Dataset::image_size() const {
  const Shape& shape = sample_shape();
  return shape.rank() == 3 ? Size2D(shape[0], shape[1]) : Size2D();
}

const Shape& Dataset::sample_shape() const { return source_->facts().sample_shape; }
const std::vector<std::string>& Dataset::class_names() const { return source_->facts().class_names; }

std::vector<int> Dataset::labels() const {
  const std::vector<int>& all = source_->facts().labels;
  std::vector<int> result;
  if (all.empty()) return result;
  result.reserve(rows_.size());
  for (const std::size_t row : rows_) result.push_back(all[row]);
  return result;
}

std::vector<std::vector<int>> Dataset::label_sets() const {
  const std::vector<std::vector<int>>& all = source_->facts().label_sets;
  std::vector<std::vector<int>> result;
  if (all.empty()) return result;
  result.reserve(rows_.size());
  for (const std::size_t row : rows_) result.push_back(all[row]);
  return result;
}

Tensor Dataset::targets() const {
  const SampleSource::Facts& facts = source_->facts();
  if (!facts.has_targets) return {};
  const std::int64_t width = facts.given_labels.shape()[1];
  Tensor result({static_cast<std::int64_t>(rows_.size()), width});
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto from = static_cast<std::int64_t>(rows_[i]), to = static_cast<std::int64_t>(i);
    result.slice(to, to + 1).copy_from(facts.given_labels.slice(from, from + 1));
  }
  return result;
}

std::vector<float> Dataset::weights() const {
  const std::vector<float>& all = source_->facts().weights;
  std::vector<float> result;
  if (all.empty()) return result;
  result.reserve(rows_.size());
  for (const std::size_t row : rows_) result.push_back(all[row]);
  return result;
}

std::vector<std::filesystem::path> Dataset::file_paths() const {
  const auto& all = source_->facts().paths;
  std::vector<std::filesystem::path> result;
  if (all.empty()) return result;
  result.reserve(rows_.size());
  for (const std::size_t row : rows_) result.push_back(all[row]);
  return result;
}

const std::vector<LeftOut>& Dataset::left_out() const { return source_->facts().left_out; }

std::vector<Hash128> Dataset::sample_keys() const {
  const std::vector<Hash128>& all = source_->facts().keys;
  std::vector<Hash128> result;
  if (all.empty()) return result;
  result.reserve(rows_.size());
  for (const std::size_t row : rows_) result.push_back(all[row]);
  return result;
}

std::vector<std::size_t> Dataset::order(std::uint64_t epoch) const {
  if (options_.shuffle)
    return Rng(options_.seed, mix64(fnv1a("data/order") + epoch)).permutation(rows_.size());
  std::vector<std::size_t> result(rows_.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  return result;
}

BatchIterator Dataset::iterate(std::uint64_t epoch, std::size_t first_batch) const {
  std::vector<std::size_t> left = order(epoch);
  const std::size_t passed_over = std::min(left.size(), first_batch * static_cast<std::size_t>(batch_size()));
  left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(passed_over));
  return BatchIterator(std::make_unique<BatchQueue>(
      BatchQueue::Pass{.source = source_, .rows = rows_, .order = std::move(left), .options = options_}));
}

Batch Dataset::gather(std::span<const std::size_t> indices) const {
  for (const std::size_t index : indices) {
    if (index >= rows_.size())
      fail(ErrorKind::invalid_argument, "Dataset: sample ", index, " of ", rows_.size(), " was requested");
  }
  const std::atomic<bool> never = false;
  return assemble({.source = *source_, .rows = rows_, .label_mode = options_.label_mode}, indices, never);
}

Dataset Dataset::subset(std::span<const std::size_t> indices, const DatasetOptions& options) const {
  std::vector<std::size_t> rows;
  rows.reserve(indices.size());
  for (const std::size_t index : indices) {
    if (index >= rows_.size())
      fail(ErrorKind::invalid_argument, "Dataset: sample ", index, " of ", rows_.size(), " was requested");
    rows.push_back(rows_[index]);
  }
  return {source_, std::move(rows), options};
}

Dataset Dataset::with_options(const DatasetOptions& options) const { return {source_, rows_, options}; }

}  // namespace graft::data

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <functional>
#include <mutex>

#include "graft/base/parallel.hpp"
#include "graft/error.hpp"

#include "data/dataset/sample_source.hpp"

namespace graft::data {
namespace {

/// Rows of labels that were given as floats.
Tensor gather_given(const BatchPlan& plan, std::span<const std::size_t> indices) {
  const Tensor& given = plan.source.facts().given_labels;
  const auto count = static_cast<std::int64_t>(indices.size());
  Tensor labels(given.shape().without_batch().with_batch(count));
  const auto width = static_cast<std::size_t>(given.count() / given.shape()[0]);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::span<const float> row = given.data().subspan(plan.rows[indices[i]] * width, width);
    std::copy(row.begin(), row.end(), labels.data().begin() + static_cast<std::ptrdiff_t>(i * width));
  }
  return labels;
}

/// 1 for each label of a sample.
Tensor encode_sets(const BatchPlan& plan, std::span<const std::size_t> indices) {
  const SampleSource::Facts& facts = plan.source.facts();
  const std::size_t width = facts.class_names.size();
  Tensor labels(Shape{static_cast<std::int64_t>(indices.size()), static_cast<std::int64_t>(width)});
  for (std::size_t i = 0; i < indices.size(); ++i) {
    for (const int label : facts.label_sets[plan.rows[indices[i]]])
      labels.data()[i * width + static_cast<std::size_t>(label)] = 1.0F;
  }
  return labels;
}

Tensor encode(const BatchPlan& plan, std::span<const std::size_t> indices) {
  const SampleSource::Facts& facts = plan.source.facts();
  if (plan.label_mode == LabelMode::none) return {};
  if (!facts.given_labels.empty()) return gather_given(plan, indices);
  if (!facts.label_sets.empty()) return encode_sets(plan, indices);
  if (facts.labels.empty()) return {};
  const auto count = static_cast<std::int64_t>(indices.size());
  const auto label = [&](std::size_t i) { return facts.labels[plan.rows[indices[i]]]; };
  if (plan.label_mode == LabelMode::integer) {
    Tensor labels(Shape{count}, DType::int32);
    for (std::size_t i = 0; i < indices.size(); ++i) labels.data<std::int32_t>()[i] = label(i);
    return labels;
  }
  const std::size_t width = plan.label_mode == LabelMode::binary ? 1 : facts.class_names.size();
  Tensor labels(Shape{count, static_cast<std::int64_t>(width)});
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (plan.label_mode == LabelMode::binary) {
      labels.data()[i] = static_cast<float>(label(i));
    } else {
      labels.data()[i * width + static_cast<std::size_t>(label(i))] = 1.0F;
    }
  }
  return labels;
}

/// Minimum number of elements per thread.
constexpr std::size_t kGrain = 65536;

/// Calls read(begin, end) on the kernel threads, which no exception may leave, and throws the first one then.
void read_in_parallel(std::size_t samples, std::size_t elements,
                      const std::function<void(std::size_t, std::size_t)>& read) {
  std::mutex mutex;
  std::exception_ptr error;
  parallel_for(samples, kGrain / std::max<std::size_t>(elements, 1) + 1,
               [&](std::size_t begin, std::size_t end) {
                 try {
                   read(begin, end);
                 } catch (...) {
                   const std::lock_guard lock(mutex);
                   if (!error) error = std::current_exception();
                 }
               });
  if (error) std::rethrow_exception(error);
}

}  // namespace

void copy_as_float(const Tensor& from, std::span<float> to) {
  if (from.dtype() == DType::uint8) {
    const std::span<const std::uint8_t> bytes = from.data<std::uint8_t>();
    std::copy(bytes.begin(), bytes.end(), to.begin());
  } else {
    const std::span<const float> values = from.data();
    std::copy(values.begin(), values.end(), to.begin());
  }
}

Batch assemble(const BatchPlan& plan, std::span<const std::size_t> indices, const std::atomic<bool>& stop) {
  Batch batch;
  batch.indices.assign(indices.begin(), indices.end());
  const Shape& sample = plan.source.facts().sample_shape;
  const Shape shape = sample.with_batch(static_cast<std::int64_t>(indices.size()));
  batch.images = plan.spare.shape() == shape ? plan.spare : Tensor(shape);
  const auto size = static_cast<std::size_t>(sample.count());
  const auto read = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end && !stop; ++i)
      plan.source.read(plan.rows[indices[i]], batch.images.data().subspan(i * size, size));
  };
  if (plan.parallel) {
    read_in_parallel(indices.size(), size, read);
  } else {
    read(0, indices.size());
  }
  batch.labels = encode(plan, indices);
  return batch;
}

}  // namespace graft::data

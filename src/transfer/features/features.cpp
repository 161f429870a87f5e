// SPDX-License-Identifier: Apache-2.0
#include "transfer/features/features.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/classifier.hpp"
#include "graft/cluster/tree_sum.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"
#include "graft/plan/identity.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/features/model_key.hpp"
#include "transfer/features/rows.hpp"

namespace graft::transfer {
namespace {

// Always the same, and filled up: kernels for another batch size may round otherwise.
constexpr std::int64_t kFeatureBatch = 32;

Tensor filled_up(const Tensor& images) {
  const std::int64_t count = images.shape()[0];
  if (count == kFeatureBatch) return images;
  Tensor filled(images.shape().without_batch().with_batch(kFeatureBatch));
  filled.slice(0, count).copy_from(images);
  return filled;
}

std::span<const std::byte> bytes_of(const Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.raw()), tensor.size_bytes()};
}

Hash128 section_name(const Model& model) {
  return Hasher().add("features 1").add(plan::identity()).add(model_key(model)).digest();
}

DiskCacheOptions cache_for(const FeatureRequest& request, const data::Dataset& dataset) {
  DiskCacheOptions options = request.cache;
  options.use = options.use && !dataset.sample_keys().empty();
  return options;
}

/// Photos that lack the same views.
struct Group {
  std::vector<int> views;
  std::vector<std::size_t> photos;
};

/// missing: view by view, photo by photo. Groups that lack most come first.
std::vector<Group> groups_of(const std::vector<bool>& missing, std::size_t photos) {
  std::map<std::vector<int>, std::vector<std::size_t>> by_views;
  for (std::size_t photo = 0; photo < photos; ++photo) {
    std::vector<int> views;
    for (std::size_t row = photo; row < missing.size(); row += photos) {
      if (missing[row]) views.push_back(static_cast<int>(row / photos));
    }
    if (!views.empty()) by_views[views].push_back(photo);
  }
  std::vector<Group> groups;
  groups.reserve(by_views.size());
  for (auto& [views, group] : by_views) groups.push_back({views, std::move(group)});
  std::ranges::stable_sort(groups, std::greater(), [](const Group& group) { return group.views.size(); });
  return groups;
}

}  // namespace

Features::Features(FeatureRequest request, const data::Dataset& dataset, Reporter& reporter)
    : request_(std::move(request)),
      dataset_(dataset),
      reporter_(reporter),
      samples_(dataset.sample_keys()),
      cache_(cache_for(request_, dataset), request_.label, section_name(request_.model)),
      kept_(request_.model.outputs().size()) {}

std::size_t Features::rows() const { return static_cast<std::size_t>(request_.views) * dataset_.size(); }

Hash128 Features::key(std::size_t row, std::size_t output) const {
  const std::size_t photos = samples_.size();
  return Hasher().add(samples_[row % photos]).add(row / photos).add(output).digest();
}

Tensor Features::empty_output(std::size_t output) const {
  const Shape shape =
      request_.model.outputs()[output].shape.without_batch().with_batch(static_cast<std::int64_t>(rows()));
  // Tensors inside the network are read in every epoch; the caller limits their size.
  return shape.rank() == 2 ? zero_rows(shape) : Tensor(shape);
}

Tensor Features::take(std::size_t output) {
  if (!kept_[output].empty()) return kept_[output];
  std::vector<Tensor> into(kept_.size());
  into[output] = empty_output(output);
  const std::vector<bool> missing = read_all(output, into[output]);
  const auto count = static_cast<std::size_t>(std::ranges::count(missing, true));
  if (count == 0) return into[output];
  const bool keep = count == rows() && !cache_.writable();
  for (std::size_t other = 0; keep && other < into.size(); ++other) {
    if (other != output) into[other] = empty_output(other);
  }
  const bool whole = compute(missing, into);
  cache_.flush();
  if (!whole) return {};
  if (keep) kept_ = into;
  return into[output];
}

std::vector<bool> Features::read_all(std::size_t output, Tensor& into) {
  std::vector<bool> missing(rows(), true);
  const std::size_t size = into.size_bytes() / rows();
  auto* bytes = static_cast<std::byte*>(into.raw());
  for (std::size_t row = 0; row < rows() && !samples_.empty(); ++row)
    missing[row] = !cache_.read(key(row, output), {bytes + row * size, size});
  return missing;
}

bool Features::compute(const std::vector<bool>& missing, std::vector<Tensor>& into) {
  plan::Plan plan = plan::Plan::lower(request_.model,
                                      {.batch_size = kFeatureBatch, .input_shape = dataset_.sample_shape()});
  data::DatasetOptions options = dataset_.options();
  options.shuffle = false;
  options.batch_size = kFeatureBatch;
  std::vector<Group> groups = groups_of(missing, dataset_.size());
  for (Group& group : groups) group.photos = own_part(group.photos);
  std::size_t done = 0, total = 0;
  for (const Group& group : groups) total += group.photos.size();
  for (const Group& group : groups) {
    if (group.photos.empty()) continue;
    data::BatchIterator batches = dataset_.subset(group.photos, options).iterate();
    std::size_t at = 0;
    while (const auto batch = batches.next()) {
      const auto photos = std::span(group.photos).subspan(at, batch->indices.size());
      at += photos.size();
      for (const int view : group.views) {
        plan.forward(filled_up(view == 0 ? batch->images : classify::view_of(batch->images, view)));
        store(plan, photos, static_cast<std::size_t>(view) * dataset_.size(), into);
      }
      done += photos.size();
      if (!reporter_.update(request_.stage, done, total, "photos")) return false;
    }
  }
  if (reporter_.ranks() != nullptr) spread(into);
  return true;
}

std::vector<std::size_t> Features::own_part(const std::vector<std::size_t>& photos) const {
  const cluster::Communicator* ranks = reporter_.ranks();
  if (ranks == nullptr) return photos;
  const std::size_t blocks = (photos.size() + kFeatureBatch - 1) / kFeatureBatch;
  const cluster::Range own = cluster::share_of(blocks, ranks->rank(), ranks->size());
  const auto at = [&](std::size_t block) {
    return photos.begin() + static_cast<std::ptrdiff_t>(
                                std::min(block * static_cast<std::size_t>(kFeatureBatch), photos.size()));
  };
  return {at(own.begin), at(own.end)};
}

void Features::spread(std::vector<Tensor>& into) {
  std::vector<std::size_t> all(dataset_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto own = static_cast<std::int64_t>(own_part(all).size());
  for (Tensor& output : into) {
    if (output.empty()) continue;
    for (int view = 0; view < request_.views; ++view) {
      const std::int64_t first = view * static_cast<std::int64_t>(dataset_.size());
      const std::int64_t begin = own == 0 ? first : first + static_cast<std::int64_t>(own_part(all).front());
      auto* to = static_cast<std::byte*>(
          output.slice(first, first + static_cast<std::int64_t>(dataset_.size())).raw());
      for (const cluster::Bytes& part : reporter_.ranks()->gather(bytes_of(output.slice(begin, begin + own))))
        to = std::ranges::copy(part, to).out;
    }
  }
  computed_ = rows();
}

void Features::store(const plan::Plan& plan, std::span<const std::size_t> photos, std::size_t first_row,
                     std::vector<Tensor>& into) {
  for (std::size_t output = 0; output < into.size(); ++output) {
    const Tensor values = plan.output(output);
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const auto row = static_cast<std::int64_t>(first_row + photos[i]);
      const Tensor value = values.slice(static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1);
      if (!into[output].empty()) into[output].slice(row, row + 1).copy_from(value);
      if (!samples_.empty()) cache_.put(key(first_row + photos[i], output), bytes_of(value));
    }
  }
  computed_ += photos.size();
}

std::string feature_label(const applications::Application& application, Size2D size) {
  return cat("features of ", application.name, " ", size.height, " x ", size.width, ", ",
             to_string(dtype_policy()));
}

Tensor stack(const Tensor& a, const Tensor& b) {
  Tensor both = zero_rows(a.shape().without_batch().with_batch(a.shape()[0] + b.shape()[0]));
  both.slice(0, a.shape()[0]).copy_from(a);
  both.slice(a.shape()[0], both.shape()[0]).copy_from(b);
  return both;
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include "transfer/base/precision.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/cluster/communicator.hpp"
#include "graft/disk_cache.hpp"
#include "graft/layers.hpp"
#include "graft/plan/identity.hpp"
#include "graft/plan/plan.hpp"

#include "transfer/features/model_key.hpp"
#include "transfer/load/photos.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kPhotos = 16;
/// A head tells photos apart by the distances between their features. Rounding may move a photo's by this
/// share of the distance to the nearest other photo. (MobileNetV2's features move by 5 % of their own
/// length.)
constexpr double kMostMoved = 0.25;

Model features_of_base(const BaseModel& base, Size2D size) {
  const SymbolicTensor input = Input({size.height, size.width, 3});
  const SymbolicTensor x = applications::add_preprocessing(input, base.application->preprocessing);
  return {input, layers::GlobalAveragePooling2D()(base.model(x, {.training = false}))};
}

Tensor features(const Model& model, const Tensor& photos, DTypePolicy precision) {
  plan::Plan plan = plan::Plan::lower(model, {.batch_size = photos.shape()[0],
                                              .input_shape = photos.shape().without_batch(),
                                              .execution = {.dtype_policy = precision}});
  plan.forward(photos);
  return plan.output().clone();
}

double distance(const Tensor& a, const Tensor& b, std::int64_t row_of_a, std::int64_t row_of_b) {
  const auto columns = static_cast<std::size_t>(a.shape()[1]);
  const auto x = a.data().subspan(static_cast<std::size_t>(row_of_a) * columns, columns);
  const auto y = b.data().subspan(static_cast<std::size_t>(row_of_b) * columns, columns);
  double sum = 0;
  for (std::size_t i = 0; i < columns; ++i)
    sum += (static_cast<double>(x[i]) - y[i]) * (static_cast<double>(x[i]) - y[i]);
  return std::sqrt(sum);
}

MovedFeatures moved(const Tensor& mixed, const Tensor& exact) {
  const std::int64_t rows = exact.shape()[0];
  MovedFeatures result;
  for (std::int64_t row = 0; row < rows; ++row) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::int64_t other = 0; other < rows; ++other) {
      const double far = distance(exact, exact, row, other);
      if (other != row && far > 0) nearest = std::min(nearest, far);
    }
    const double one = distance(mixed, exact, row, row) / nearest;
    // What is not a number must count as large.
    result.largest = one <= result.largest ? result.largest : one;
    result.mean += one / static_cast<double>(rows);
  }
  return result;
}

/// The same, known from an earlier run with these photos, or measured now.
MovedFeatures look_up_or_measure(const Model& model, const data::Dataset& photos,
                                 const DiskCacheOptions& cache) {
  DiskCacheOptions options = cache;
  const std::vector<Hash128> samples = photos.sample_keys();
  options.use = options.use && !samples.empty();
  CacheSection known(options, "effects of bfloat16",
                     Hasher().add("moved 1").add(plan::identity()).add(model_key(model)).digest());
  Hasher key;
  for (const Hash128& sample : samples) key.add(sample);
  const Hash128 name = key.digest();
  MovedFeatures found;
  if (known.read(name, std::as_writable_bytes(std::span(&found, 1)))) return found;
  const auto batch = photos.iterate().next();
  found = moved(features(model, batch->images, DTypePolicy::mixed_bfloat16),
                features(model, batch->images, DTypePolicy::float32));
  known.put(name, std::as_bytes(std::span(&found, 1)));
  return found;
}

/// The first photos of the first epoch, as one batch.
data::Dataset some_of(const data::Dataset& photos) {
  std::vector<std::size_t> chosen = photos.order(0);
  chosen.resize(std::min<std::size_t>(chosen.size(), kPhotos));
  data::DatasetOptions options = photos.options();
  options.batch_size = kPhotos;
  options.shuffle = false;
  return photos.subset(chosen, options);
}

/// Measured; of several ranks the first decides.
bool is_fast(const TrainOptions& options) {
  bool fast = plan::has_fast_mixed_precision();
  if (options.ranks) options.ranks->broadcast(std::as_writable_bytes(std::span(&fast, 1)));
  return fast;
}

}  // namespace

PrecisionChoice choose_precision(const BaseModel& base, Size2D size, const Photos& photos,
                                 const TrainOptions& options) {
  if (options.precision != "auto") {
    PrecisionChoice choice{.policy = dtype_policy_from_name(options.precision)};
    if (choice.policy == DTypePolicy::mixed_bfloat16 && !is_fast(options))
      choice.note = "mixed_bfloat16, as requested: this processor is not faster in it";
    return choice;
  }
  if (!is_fast(options))
    return {.policy = DTypePolicy::float32, .note = "float32: this processor is not faster in bfloat16"};
  const data::Dataset some = some_of(photos.train);
  const MovedFeatures found = look_up_or_measure(features_of_base(base, size), some, options.disk_cache);
  const bool agrees = found.largest <= kMostMoved && some.size() > 1;
  return {.policy = agrees ? DTypePolicy::mixed_bfloat16 : DTypePolicy::float32,
          .moved = found,
          .note = cat(agrees ? "mixed_bfloat16" : "float32", ": features of ", some.size(),
                      " photos move by ", percent(found.mean), " on average, ", percent(found.largest),
                      " at most of the distance to the nearest other photo in bfloat16")};
}

}  // namespace graft::transfer

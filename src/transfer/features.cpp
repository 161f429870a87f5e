// SPDX-License-Identifier: Apache-2.0
#include "transfer/features.hpp"

#include <cstring>

#include "graft/base/parallel.hpp"
#include "graft/plan/runner.hpp"

#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kFeatureBatch = 32;
constexpr std::size_t kMirrorGrain = 256;  // rows of pixels that one thread takes at least

/// Photos flipped left to right: (N, H, W, C).
Tensor mirror(const Tensor& images) {
  Tensor flipped(images.shape());
  const auto width = static_cast<std::size_t>(images.shape()[2]);
  const auto channels = static_cast<std::size_t>(images.shape()[3]);
  const auto rows = static_cast<std::size_t>(images.count()) / (width * channels);
  const float* in = images.data<float>().data();
  float* out = flipped.data<float>().data();
  parallel_for(rows, kMirrorGrain, [&](std::size_t first, std::size_t last) {
    for (std::size_t begin = first * width; begin < last * width; begin += width) {
      for (std::size_t x = 0; x < width; ++x) {
        std::memcpy(out + (begin + x) * channels, in + (begin + width - 1 - x) * channels,
                    channels * sizeof(float));
      }
    }
  });
  return flipped;
}

void put(std::vector<Tensor>& all, const std::vector<Tensor>& rows, std::int64_t at) {
  for (std::size_t i = 0; i < all.size(); ++i) all[i].slice(at, at + rows[i].shape()[0]).copy_from(rows[i]);
}

}  // namespace

std::vector<Tensor> compute_features(const FeatureRequest& request, const data::Dataset& dataset,
                                     Reporter& reporter) {
  data::DatasetOptions options = dataset.options();
  options.shuffle = false;
  options.batch_size = kFeatureBatch;
  const data::Dataset ordered = dataset.with_options(options);
  const auto photos = static_cast<std::int64_t>(ordered.size());
  std::vector<Tensor> all;
  for (const SymbolicTensor& output : request.model.outputs())
    all.emplace_back(output.shape.without_batch().with_batch(request.mirrored ? 2 * photos : photos));
  plan::Runner runner(request.model, {.batch_size = kFeatureBatch});
  std::int64_t done = 0;
  data::BatchIterator batches = ordered.iterate();
  while (const auto batch = batches.next()) {
    put(all, runner.run(batch->images), done);
    if (request.mirrored) put(all, runner.run(mirror(batch->images)), photos + done);
    done += batch->images.shape()[0];
    if (!reporter.update(request.stage, static_cast<std::size_t>(done), ordered.size(), "photos")) return {};
  }
  return all;
}

Tensor stack(const Tensor& a, const Tensor& b) {
  Tensor both(a.shape().without_batch().with_batch(a.shape()[0] + b.shape()[0]), a.dtype());
  both.slice(0, a.shape()[0]).copy_from(a);
  both.slice(a.shape()[0], both.shape()[0]).copy_from(b);
  return both;
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
// Pooling of whole images. An average sums its pixels as floats a few rows at a time and these in double:
// whole images have too many for a float.
#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/pool_window.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/patches.hpp"

namespace graft::kernels::native_detail {
namespace {

using vectors::kChannelBlock;
using vectors::kRowsInFloat;
using vectors::Patch;

/// Channels that fill a vector: what threads share one image by.
constexpr std::size_t kVector = 16;

template <typename X>
[[gnu::always_inline]] inline void sum(const X* all, const Patch& patch, double* sums) {
  float partial[kChannelBlock] = {};
  const X* x = all + patch.at;
  const std::size_t width = patch.width;
  for (std::size_t r = 0; r < patch.rows; ++r, x += patch.stride) {
    for (std::size_t c = 0; c < width; ++c) partial[c] += vectors::widen(x[c]);
  }
  for (std::size_t c = 0; c < width; ++c) sums[c] += static_cast<double>(partial[c]);
}

// One function for each type of elements: the compiler makes versions of functions, not of templates.
GRAFT_CLONES void sum_pixels(const float* x, const Patch& patch, double* sums) { sum(x, patch, sums); }
GRAFT_CLONES void sum_pixels(const std::uint16_t* x, const Patch& patch, double* sums) {
  sum(x, patch, sums);
}

/// One image and the number of its channels that a thread processes at a time.
struct Image {
  std::size_t pixels, channels, block;
};

/// y (channels of the block) = mean over the pixels of x, the image.
template <typename X, typename Y>
void average_channels(const X* x, const Image& image, std::size_t first, Y* y) {
  double sums[kChannelBlock] = {};
  const std::size_t width = std::min(image.block, image.channels - first);
  for (std::size_t r = 0; r < image.pixels; r += kRowsInFloat) {
    sum_pixels(x,
               {.at = r * image.channels + first,
                .rows = std::min(kRowsInFloat, image.pixels - r),
                .stride = image.channels,
                .first_channel = first,
                .width = width},
               sums);
  }
  for (std::size_t c = 0; c < width; ++c)
    vectors::put(static_cast<float>(sums[c] / static_cast<double>(image.pixels)), y[first + c]);
}

template <typename X, typename Y>
Function average(const Spec& spec) {
  using In = ops::GlobalPool::In;
  using Out = ops::GlobalPool::Out;
  const WindowExtents e = whole_image(spec.in(In::x).shape).extents;
  const auto images = static_cast<std::size_t>(e.n);
  const auto channels = static_cast<std::size_t>(e.c);
  // A single image's channels are shared out among the threads: each is still summed by one, in order.
  const auto threads = static_cast<std::size_t>(num_threads());
  const std::size_t shares = images >= threads ? 1 : (threads + images - 1) / images;
  const std::size_t share = (channels + shares - 1) / shares;
  const Image image{.pixels = static_cast<std::size_t>(e.h * e.w),
                    .channels = channels,
                    .block = std::min(kChannelBlock, (share + kVector - 1) / kVector * kVector)};
  const std::size_t blocks = (channels + image.block - 1) / image.block;
  const std::size_t grain = 1 + vectors::kGrain / std::max<std::size_t>(1, image.pixels * image.block);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    const auto* x = in<X>(inputs, In::x);
    auto* y = out<Y>(outputs, Out::y);
    parallel_for(images * blocks, grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t n = i / blocks;
        average_channels(x + n * image.pixels * channels, image, i % blocks * image.block, y + n * channels);
      }
    });
  };
}

}  // namespace

Function function_of(const ops::GlobalPool& op, const Spec& spec) {
  return op.kind == ops::PoolKind::max ? largest_of_image(spec) : average<float, float>(spec);
}

Function bf16_function_of(const ops::GlobalPool& op, const Spec& spec) {
  using In = ops::GlobalPool::In;
  using Out = ops::GlobalPool::Out;
  if (op.kind == ops::PoolKind::max || spec.in(In::x).dtype != DType::bfloat16) return {};
  if (spec.out(Out::y).dtype == DType::bfloat16) return average<std::uint16_t, std::uint16_t>(spec);
  return average<std::uint16_t, float>(spec);
}

}  // namespace graft::kernels::native_detail

// SPDX-License-Identifier: Apache-2.0
#include "kernels/onednn/parts.hpp"

#include <algorithm>

#include "graft/execution.hpp"

namespace graft::kernels::onednn_detail {
namespace {

/// With fewer pixels, or rows of a larger window, for each thread oneDNN divides better: by channels as well.
constexpr std::int64_t kFewestPixels = 16;
constexpr std::int64_t kFewestRows = 2;

/// Each output pixel depends on the input pixel at its place only.
bool sees_one_pixel(const ops::Window& window) { return window == ops::Window{}; }

ConvolutionPart samples_of(const ConvolutionSizes& whole, std::int64_t begin, std::int64_t end) {
  const WindowExtents& e = whole.extents;
  ConvolutionPart part{.sizes = whole, .x = begin * e.h * e.w * e.c, .y = begin * e.oh * e.ow * e.f};
  part.sizes.extents.n = end - begin;
  return part;
}

ConvolutionPart pixels_of(const ConvolutionSizes& whole, std::int64_t begin, std::int64_t end) {
  ConvolutionPart part{.sizes = whole, .x = begin * whole.extents.c, .y = begin * whole.extents.f};
  WindowExtents& e = part.sizes.extents;
  e.h = e.oh = 1;
  e.w = e.ow = end - begin;
  return part;
}

/// Output rows [begin, end) of one image and the input rows that their windows meet. Of windows of one row
/// also the rows that the last stride passes over: with as many input rows as output rows times the stride
/// oneDNN computes a 1 x 1 convolution as a product of matrices, with others it does not.
ConvolutionPart rows_of(const ConvolutionSizes& whole, std::int64_t begin, std::int64_t end) {
  const WindowExtents& e = whole.extents;
  const ops::Window& w = whole.window;
  const std::int64_t top = begin * w.stride_height - w.pad_top;
  const std::int64_t bottom =
      (end - 1) * w.stride_height - w.pad_top + (w.height - 1) * w.dilation_height + 1;
  const std::int64_t passed = w.height == 1 ? end * w.stride_height - w.pad_top : bottom;
  const std::int64_t first = std::clamp<std::int64_t>(top, 0, e.h);
  const std::int64_t last = std::clamp<std::int64_t>(std::max(bottom, passed), first, e.h);
  ConvolutionPart part{.sizes = whole, .x = first * e.w * e.c, .y = begin * e.ow * e.f};
  part.sizes.extents.h = last - first;
  part.sizes.extents.oh = end - begin;
  part.sizes.window.pad_top = first - top;
  part.sizes.window.pad_bottom = std::max<std::int64_t>(bottom - last, 0);
  return part;
}

template <typename Part>
std::vector<ConvolutionPart> divide(const ConvolutionSizes& whole, std::int64_t count, std::int64_t parts,
                                    const Part& part) {
  std::vector<ConvolutionPart> all;
  for (std::int64_t i = 0; i < parts; ++i)
    all.push_back(part(whole, count * i / parts, count * (i + 1) / parts));
  return all;
}

bool is_empty(const ConvolutionPart& part) { return part.sizes.extents.h == 0; }

}  // namespace

std::vector<ConvolutionPart> parts_of(const ConvolutionSizes& sizes, int concurrency) {
  const WindowExtents& e = sizes.extents;
  const std::int64_t threads = num_threads();
  std::vector<ConvolutionPart> parts;
  if (concurrency == 1 && threads > 1) {
    if (e.n > 1 && e.n % threads == 0) {
      parts = divide(sizes, e.n, threads, samples_of);
    } else if (e.n == 1 && sees_one_pixel(sizes.window) && e.oh * e.ow >= kFewestPixels * threads) {
      parts = divide(sizes, e.oh * e.ow, threads, pixels_of);
    } else if (e.n == 1 && e.oh >= kFewestRows * threads) {
      parts = divide(sizes, e.oh, threads, rows_of);
    }
  }
  if (parts.empty() || std::ranges::any_of(parts, is_empty)) return {{.sizes = sizes}};
  return parts;
}

}  // namespace graft::kernels::onednn_detail

// SPDX-License-Identifier: Apache-2.0
// Divides a convolution among the threads of parallel_for. oneDNN's own division uses OpenMP, whose threads
// wait for each other at the end of each convolution even where one of them had nothing to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/onednn/kernels.hpp"

namespace graft::kernels::onednn_detail {

/// Some of a convolution's samples, or of one image's rows or pixels: a convolution itself.
struct ConvolutionPart {
  ConvolutionSizes sizes;
  std::int64_t x = 0, y = 0;  ///< elements of the whole x and y before the part's
};

/// A part for each of num_threads() threads, in order and of nearly the same size. The whole convolution as
/// the only part where one thread computes it (concurrency > 1, see Spec), or where it cannot be divided
/// well: then oneDNN divides it.
[[nodiscard]] std::vector<ConvolutionPart> parts_of(const ConvolutionSizes& sizes, int concurrency);

/// Runs run(part) for each part on the threads of parallel_for.
template <typename Run>
void run_parts(std::size_t parts, const Run& run) {
  parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) run(part);
  });
}

/// The view's elements from number `first` on.
[[nodiscard]] inline View from_element(View view, std::int64_t first) {
  if (view.data != nullptr) view.data += first * static_cast<std::int64_t>(size_of(view.dtype));
  return view;
}

}  // namespace graft::kernels::onednn_detail

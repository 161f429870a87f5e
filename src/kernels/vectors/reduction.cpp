// SPDX-License-Identifier: Apache-2.0
#include "kernels/vectors/reduction.hpp"

#include <algorithm>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/patches.hpp"

namespace graft::kernels::vectors {
namespace {

GRAFT_CLONES void sum_rows(const float* all, const Patch& patch, double* sums) {
  float partial[kChannelBlock] = {};
  const float* x = all + patch.at;
  const std::size_t width = patch.width;
  for (std::size_t r = 0; r < patch.rows; ++r, x += patch.stride) {
    for (std::size_t c = 0; c < width; ++c) partial[c] += x[c];
  }
  for (std::size_t c = 0; c < width; ++c) sums[c] += static_cast<double>(partial[c]);
}

GRAFT_CLONES void sum_products(const float* all_x, const float* all_y, const Patch& patch, double* sums) {
  float partial[kChannelBlock] = {};
  const float* x = all_x + patch.at;
  const float* y = all_y + patch.at;
  const std::size_t width = patch.width;
  for (std::size_t r = 0; r < patch.rows; ++r, x += patch.stride, y += patch.stride) {
    for (std::size_t c = 0; c < width; ++c) partial[c] += x[c] * y[c];
  }
  for (std::size_t c = 0; c < width; ++c) sums[c] += static_cast<double>(partial[c]);
}

GRAFT_CLONES void sum_centred_squares(const Centred& all, const Patch& patch, double* sums) {
  float partial[kChannelBlock] = {};
  const float* x = all.x + patch.at;
  const float* mean = all.mean + patch.first_channel;
  const std::size_t width = patch.width;
  for (std::size_t r = 0; r < patch.rows; ++r, x += patch.stride) {
    for (std::size_t c = 0; c < width; ++c) {
      const float difference = x[c] - mean[c];
      partial[c] += difference * difference;
    }
  }
  for (std::size_t c = 0; c < width; ++c) sums[c] += static_cast<double>(partial[c]);
}

GRAFT_CLONES void sum_centred_products(const Centred& all, const float* all_dy, const Patch& patch,
                                       double* sums) {
  float partial[kChannelBlock] = {};
  const float* x = all.x + patch.at;
  const float* dy = all_dy + patch.at;
  const float* mean = all.mean + patch.first_channel;
  const std::size_t width = patch.width;
  for (std::size_t r = 0; r < patch.rows; ++r, x += patch.stride, dy += patch.stride) {
    for (std::size_t c = 0; c < width; ++c) partial[c] += (x[c] - mean[c]) * dy[c];
  }
  for (std::size_t c = 0; c < width; ++c) sums[c] += static_cast<double>(partial[c]);
}

}  // namespace

Reduction::Reduction(std::size_t rows, std::size_t channels, std::size_t quantities)
    : rows_(rows),
      channels_(channels),
      width_(channels * quantities),
      parts_(std::clamp<std::size_t>(rows * channels / kGrain, 1, static_cast<std::size_t>(num_threads()))),
      sums_(width_ * parts_) {}

const double* Reduction::run(const Body& body) {
  parallel_for(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      double* sums = sums_.data() + part * width_;
      std::fill_n(sums, width_, 0.0);
      body(rows_ * part / parts_, rows_ * (part + 1) / parts_, sums);
    }
  });
  for (std::size_t part = 1; part < parts_; ++part) {
    for (std::size_t i = 0; i < width_; ++i) sums_[i] += sums_[part * width_ + i];
  }
  return sums_.data();
}

void RowSums::run(const float* x, float* sums) {
  const std::size_t channels = reduction_.channels();
  const double* result = reduction_.run([&](std::size_t begin, std::size_t end, double* part) {
    add_rows(x + begin * channels, {end - begin, channels}, part);
  });
  for (std::size_t c = 0; c < channels; ++c) sums[c] = static_cast<float>(result[c]);
}

void add_rows(const float* x, const Rows& extents, double* sums) {
  for_each_patch(extents, [&](const Patch& patch) { sum_rows(x, patch, sums + patch.first_channel); });
}

void add_row_products(const float* x, const float* y, const Rows& extents, double* sums) {
  for_each_patch(extents, [&](const Patch& patch) { sum_products(x, y, patch, sums + patch.first_channel); });
}

void add_centred_squares(const Centred& x, const Rows& extents, double* sums) {
  for_each_patch(extents,
                 [&](const Patch& patch) { sum_centred_squares(x, patch, sums + patch.first_channel); });
}

void add_centred_products(const Centred& x, const float* dy, const Rows& extents, double* sums) {
  for_each_patch(extents,
                 [&](const Patch& patch) { sum_centred_products(x, dy, patch, sums + patch.first_channel); });
}

}  // namespace graft::kernels::vectors

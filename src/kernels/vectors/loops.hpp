// SPDX-License-Identifier: Apache-2.0
// Loops that several kernels share. All run on the kernel threads.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "graft/extend/activation.hpp"

namespace graft::kernels::vectors {

/// The fewest elements for one thread, and the elements of a block that fits the first-level cache.
inline constexpr std::size_t kGrain = 16384;
inline constexpr std::size_t kBlock = 2048;

/// Elements [begin, end).
struct Range {
  std::size_t begin, end;
};

/// Calls body(begin, end) for blocks of at most kBlock elements that cover [0, count), on all threads.
void for_each_block(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body);

/// Calls body(first row, last row + 1) for blocks of about kBlock elements, on all threads.
void for_each_row_block(std::size_t rows, std::size_t width,
                        const std::function<void(std::size_t, std::size_t)>& body);

/// True for relu, relu6 and no activation, which clip to [0, max_value] or not at all: loops do that on the
/// way.
[[nodiscard]] bool only_clips(const ops::Activation& activation);

/// y = activation(x) for count elements; y may be x. One thread.
void activate_block(const ops::Activation& activation, const float* x, float* y, std::size_t count);
/// dx = dy f', from y where derivative_from_output(), else from x; dx may be either. One thread.
void activation_backward_block(const ops::Activation& activation, const float* from, const float* dy,
                               float* dx, std::size_t count);

/// y = a + b; y may be either. One thread.
void add_block(const float* a, const float* b, float* y, std::size_t count);
/// y = activation(x); y may be x.
void activate(const ops::Activation& activation, const float* x, float* y, std::size_t count);
/// y = activation(a + b); y may be a or b.
void add(const ops::Activation& activation, const float* a, const float* b, float* y, std::size_t count);

/// Numbers per channel, repeated until they fill a row that is long enough for vector instructions: an array
/// of few channels is then processed as one of longer rows.
class Tile {
 public:
  explicit Tile(std::size_t channels);
  void set(const float* values);
  [[nodiscard]] const float* data() const { return values_.data(); }
  [[nodiscard]] std::size_t width() const { return values_.size(); }

 private:
  std::size_t channels_;
  std::vector<float> values_;
};

/// A channel's scale and shift, for each of a kernel's concurrent runs.
class ScaleAndShiftTiles {
 public:
  struct Pair {
    Tile scale, shift;
  };
  ScaleAndShiftTiles(std::size_t channels, int concurrency)
      : pairs_(static_cast<std::size_t>(concurrency), {Tile(channels), Tile(channels)}) {}
  /// That thread's, set to these values.
  const Pair& set(std::size_t thread, const float* scale, const float* shift);

 private:
  std::vector<Pair> pairs_;
};

/// y = activation(x scale + shift) with tiles of the last axis's channels; y may be x. shift null: none.
struct ScaleAndShift {
  const Tile* scale = nullptr;
  const Tile* shift = nullptr;
  ops::Activation activation;
};
void scale_and_shift(const ScaleAndShift& by, const float* x, float* y, std::size_t count);

}  // namespace graft::kernels::vectors

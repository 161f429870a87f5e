// SPDX-License-Identifier: Apache-2.0
// The kernel's gradient of a depthwise convolution: dkernel (kh, kw, 1, C) = sum over the image of x dy,
// shifted by each tap. 16 channels of a few rows are copied next to each other, with zeros where the window
// looks beyond the image; then the sums of all taps stay in registers. oneDNN 2.6 is slow at this in NHWC.
#include <algorithm>
#include <span>

#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/reduction.hpp"
#include "kernels/vectors/vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::EightFloats;
using vectors::Floats;
using vectors::has_avx2;
using vectors::has_avx512;
using vectors::kLanes;
using vectors::kWidth;
using vectors::load;
using vectors::store;
namespace {

/// 16 channels of the pixels that a few rows of results look at, and of these results' gradients.
struct SeenPatch {
  float* seen;  ///< (seen_rows, width, 16)
  float* dy;    ///< (rows, ow, 16)
  std::int64_t rows, ow, seen_rows, width;
  std::int64_t step_down, step_right;  ///< pixels from one result's to the next one's
  std::int64_t tap_down, tap_right;    ///< pixels from one tap's to the next one's
};

/// The sums of some taps of one or several rows.
struct TapSums {
  std::int64_t row, column;  ///< the first's place in the window
  float* sums;               ///< the first's 16 channels
  std::int64_t down, right;  ///< floats to the sums of the tap below and of the next one
  float* of_dy;              ///< the sums of the gradients themselves; null: not wanted
};

/// Adds the products of a vector's channels, from the given one on, for kRows x kColumns taps.
template <int kRows, int kColumns, typename Vector>
[[gnu::always_inline]] inline void add_products(const SeenPatch& patch, const TapSums& taps,
                                                std::int64_t channel) {
  Vector sums[kRows][kColumns];
  for (int y = 0; y < kRows; ++y) {
    for (int x = 0; x < kColumns; ++x) load(taps.sums + y * taps.down + x * taps.right + channel, sums[y][x]);
  }
  Vector of_dy{};
  const std::int64_t down = patch.tap_down * patch.width * kLanes;
  const std::int64_t right = patch.tap_right * kLanes;
  const float* first = patch.seen + taps.row * down + taps.column * right + channel;
  for (std::int64_t row = 0; row < patch.rows; ++row) {
    const float* seen = first + row * patch.step_down * patch.width * kLanes;
    const float* dy = patch.dy + row * patch.ow * kLanes + channel;
    for (std::int64_t i = 0; i < patch.ow; ++i, seen += patch.step_right * kLanes, dy += kLanes) {
      Vector gradient;
      load(dy, gradient);
      of_dy += gradient;
#pragma GCC unroll 3
      for (int y = 0; y < kRows; ++y) {
#pragma GCC unroll 7
        for (int x = 0; x < kColumns; ++x) {
          Vector pixel;
          load(seen + y * down + x * right, pixel);
          sums[y][x] += pixel * gradient;
        }
      }
    }
  }
  for (int y = 0; y < kRows; ++y) {
    for (int x = 0; x < kColumns; ++x)
      store(sums[y][x], taps.sums + y * taps.down + x * taps.right + channel);
  }
  if (taps.of_dy == nullptr) return;
  Vector before;
  load(taps.of_dy + channel, before);
  store(before + of_dy, taps.of_dy + channel);
}

/// Of all 16 channels.
template <int kRows, int kColumns, typename Vector>
[[gnu::always_inline]] inline void add_all_products(const SeenPatch& patch, const TapSums& taps) {
  for (std::int64_t channel = 0; channel < kLanes; channel += kWidth<Vector>)
    add_products<kRows, kColumns, Vector>(patch, taps, channel);
}
template <int kRows, int kColumns>
GRAFT_AVX512 void add_taps_wide(const SeenPatch& patch, const TapSums& taps) {
  add_all_products<kRows, kColumns, Floats>(patch, taps);
}
template <int kRows, int kColumns>
GRAFT_AVX2 void add_taps_in_halves(const SeenPatch& patch, const TapSums& taps) {
  add_all_products<kRows, kColumns, EightFloats>(patch, taps);
}
template <int kRows, int kColumns>
void add_taps_plainly(const SeenPatch& patch, const TapSums& taps) {
  add_all_products<kRows, kColumns, EightFloats>(patch, taps);
}

/// A function for rows x columns taps.
struct TapAdder {
  std::int64_t rows, columns;
  void (*add)(const SeenPatch&, const TapSums&);
};
template <int kRows, int kColumns>
TapAdder adder_of() {
  if (has_avx512()) return {kRows, kColumns, add_taps_wide<kRows, kColumns>};
  if (has_avx2()) return {kRows, kColumns, add_taps_in_halves<kRows, kColumns>};
  return {kRows, kColumns, add_taps_plainly<kRows, kColumns>};
}
TapAdder adder_for(const ops::Window& window) {
  if (window.height == 3 && window.width == 3) return adder_of<3, 3>();
  if (window.width % 7 == 0) return adder_of<1, 7>();
  if (window.width % 5 == 0) return adder_of<1, 5>();
  if (window.width % 3 == 0) return adder_of<1, 3>();
  return adder_of<1, 1>();
}

/// 16 channels of `count` pixels, which have c.
template <typename T>
[[gnu::always_inline]] inline void gather(const T* from, std::int64_t c, std::int64_t count, float* to) {
  for (std::int64_t i = 0; i < count; ++i, from += c, to += kLanes) {
    __builtin_prefetch(from + kLanes);  // for the next channels: the pixels are far apart
    Floats pixel;
    load(from, pixel);
    store(pixel, to);
  }
}
GRAFT_CLONES void gather_pixels(const float* from, std::int64_t c, std::int64_t count, float* to) {
  gather(from, c, count, to);
}
GRAFT_CLONES void gather_low_pixels(const std::uint16_t* from, std::int64_t c, std::int64_t count,
                                    float* to) {
  gather(from, c, count, to);
}
void gather_pixels(const std::uint16_t* from, std::int64_t c, std::int64_t count, float* to) {
  gather_low_pixels(from, c, count, to);
}

/// This many results are summed in float32 before their sum is added to a double.
constexpr std::int64_t kResultsInFloat = 1024;
/// A patch stays in the first-level cache.
constexpr std::int64_t kPatchFloats = 5000;

void move_to(double* sums, std::span<float> few) {
  for (std::size_t i = 0; i < few.size(); ++i) sums[i] += static_cast<double>(few[i]);
  std::ranges::fill(few, 0.0F);
}

template <typename T>
class DepthwiseGradient {
 public:
  DepthwiseGradient(const WindowExtents& extents, const ops::Window& window)
      : e_(extents),
        window_(window),
        adder_(adder_for(window)),
        taps_(window.height * window.width),
        reduction_(static_cast<std::size_t>(e_.n * e_.oh), static_cast<std::size_t>((taps_ + 1) * e_.c), 1) {
    const std::int64_t width =
        (e_.ow - 1) * window.stride_width + (window.width - 1) * window.dilation_width + 1;
    const std::int64_t under = (window.height - 1) * window.dilation_height + 1;
    const std::int64_t of_row = (window.stride_height * width + e_.ow) * kLanes;
    most_.rows = std::clamp<std::int64_t>((kPatchFloats - under * width * kLanes) / of_row, 1, e_.oh);
    most_.seen_rows = (most_.rows - 1) * window.stride_height + under;
    most_.ow = e_.ow;
    most_.width = width;
    most_.step_down = window.stride_height;
    most_.step_right = window.stride_width;
    most_.tap_down = window.dilation_height;
    most_.tap_right = window.dilation_width;
  }

  void run(const T* x, const T* dy, float* dkernel, float* dbias) {
    const double* sums = reduction_.run([&](std::size_t begin, std::size_t end, double* part) {
      add_rows({x, dy, dbias != nullptr}, {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)},
               part);
    });
    for (std::int64_t i = 0; i < taps_ * e_.c; ++i) dkernel[i] = static_cast<float>(sums[i]);
    if (dbias == nullptr) return;
    for (std::int64_t i = 0; i < e_.c; ++i) dbias[i] = static_cast<float>(sums[taps_ * e_.c + i]);
  }

 private:
  struct Images {
    const T* x;
    const T* dy;
    bool with_bias;
  };
  /// Of the rows of all samples' results.
  struct RowRange {
    std::int64_t begin, end;
  };

  /// A thread's rows, added to its part of the sums.
  void add_rows(const Images& images, RowRange range, double* part) const {
    const std::size_t count = reduction_.channels();
    const auto seen_floats = static_cast<std::size_t>(most_.seen_rows * most_.width * kLanes);
    const auto dy_floats = static_cast<std::size_t>(most_.rows * most_.ow * kLanes);
    auto* few = thread_scratch<float>((count + seen_floats + dy_floats));
    SeenPatch patch = most_;
    patch.seen = few + count;
    patch.dy = patch.seen + seen_floats;
    std::fill_n(few, count, 0.0F);
    std::int64_t results = 0;
    for (std::int64_t row = range.begin; row < range.end; row += patch.rows) {
      const std::int64_t left = std::min(range.end - row, e_.oh - row % e_.oh);
      patch.rows = std::min(most_.rows, left);
      patch.seen_rows = most_.seen_rows - (most_.rows - patch.rows) * most_.step_down;
      for (std::int64_t c = 0; c < e_.c; c += kLanes) add_channels(images, row, c, patch, few + c);
      results += patch.rows * e_.ow;
      if (results < kResultsInFloat) continue;
      move_to(part, {few, count});
      results = 0;
    }
    move_to(part, {few, count});
  }

  void add_channels(const Images& images, std::int64_t row, std::int64_t c, const SeenPatch& patch,
                    float* sums) const {
    gather_pixels(images.dy + row * e_.ow * e_.c + c, e_.c, patch.rows * e_.ow, patch.dy);
    const std::int64_t top = row % e_.oh * window_.stride_height - window_.pad_top;
    const T* image = images.x + row / e_.oh * e_.h * e_.w * e_.c + c;
    for (std::int64_t y = 0; y < patch.seen_rows; ++y) {
      float* to = patch.seen + y * patch.width * kLanes;
      const bool inside = top + y >= 0 && top + y < e_.h;
      copy_row(inside ? image + (top + y) * e_.w * e_.c : nullptr, to, patch.width);
    }
    for (std::int64_t y = 0; y < window_.height; y += adder_.rows) {
      for (std::int64_t x = 0; x < window_.width; x += adder_.columns)
        adder_.add(patch, {y, x, sums + (y * window_.width + x) * e_.c, window_.width * e_.c, e_.c,
                           images.with_bias && y + x == 0 ? sums + taps_ * e_.c : nullptr});
    }
  }

  /// What a row of results sees of a row of the image; null: of none.
  void copy_row(const T* pixels, float* to, std::int64_t width) const {
    const std::int64_t before = pixels == nullptr ? width : std::min(window_.pad_left, width);
    const std::int64_t inside = std::clamp<std::int64_t>(e_.w, 0, width - before);
    std::fill_n(to, before * kLanes, 0.0F);
    if (inside > 0) gather_pixels(pixels, e_.c, inside, to + before * kLanes);
    std::fill_n(to + (before + inside) * kLanes, (width - before - inside) * kLanes, 0.0F);
  }

  WindowExtents e_;
  ops::Window window_;
  TapAdder adder_;
  std::int64_t taps_;
  vectors::Reduction reduction_;
  SeenPatch most_{};  ///< without elements: as many rows as are taken at once
};

template <typename T>
Function function_for(const WindowExtents& extents, const ops::Window& window) {
  using In = ops::ConvolutionBackwardKernel::In;
  using Out = ops::ConvolutionBackwardKernel::Out;
  return [gradient = DepthwiseGradient<T>(extents, window)](const RunContext&, Inputs inputs,
                                                            Outputs outputs) mutable {
    gradient.run(in<T>(inputs, In::x), in<T>(inputs, In::dy), out(outputs, Out::dkernel),
                 out(outputs, Out::dbias));
  };
}

}  // namespace

Function function_of(const ops::ConvolutionBackwardKernel& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardKernel::In;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.in(In::dy).shape);
  const bool fits = op.groups == e.c && e.f == e.c && e.c % kLanes == 0;
  if (!fits || spec.in(In::x).dtype != spec.in(In::dy).dtype) return {};
  return spec.in(In::x).dtype == DType::bfloat16 ? function_for<std::uint16_t>(e, op.window)
                                                 : function_for<float>(e, op.window);
}

}  // namespace graft::kernels::native_detail

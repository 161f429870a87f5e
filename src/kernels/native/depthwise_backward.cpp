// SPDX-License-Identifier: Apache-2.0
// The kernel's gradient of a depthwise convolution: dkernel (kh, kw, 1, C) = sum over the image of x dy,
// shifted by each tap. Rows of x and dy are read where they lie; oneDNN 2.6 is slow at this in NHWC.
#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/native/functions.hpp"
#include "kernels/native/reduction.hpp"
#include "kernels/native/target_clones.hpp"
#include "kernels/native/vectors.hpp"

namespace graft::kernels::native_detail {
namespace {

/// One row of dy with the row of x that one row of the kernel's taps sees.
template <typename T>
struct RowPair {
  const T* x;
  const T* dy;
  float* sums;  ///< (taps of a row, C)
  std::int64_t w, ow, c;
  std::int64_t stride, dilation, pad;

  [[nodiscard]] std::int64_t column(std::int64_t ox, std::int64_t tap) const {
    return ox * stride - pad + tap * dilation;
  }
};

/// Adds the products of kVectors x 16 channels from c on, for kTaps taps.
template <int kTaps, int kVectors, typename T>
[[gnu::always_inline]] inline void add_channels(const RowPair<T>& row, std::int64_t first_tap,
                                                std::int64_t c) {
  Floats sums[kTaps][kVectors] = {};
  const auto add = [&](std::int64_t ox, int tap) __attribute__((always_inline)) {
    const T* x = row.x + row.column(ox, first_tap + tap) * row.c + c;
    const T* dy = row.dy + ox * row.c + c;
    for (int v = 0; v < kVectors; ++v) {
      Floats a;
      Floats b;
      load(x + v * kLanes, a);
      load(dy + v * kLanes, b);
      sums[tap][v] += a * b;
    }
  };
  const auto inside = [&](std::int64_t ox, int tap) {
    const std::int64_t column = row.column(ox, first_tap + tap);
    return column >= 0 && column < row.w;
  };
  for (std::int64_t ox = 0; ox < row.ow; ++ox) {
    if (inside(ox, 0) && inside(ox, kTaps - 1)) {
      for (int tap = 0; tap < kTaps; ++tap) add(ox, tap);
    } else {
      for (int tap = 0; tap < kTaps; ++tap) {
        if (inside(ox, tap)) add(ox, tap);
      }
    }
  }
  for (int tap = 0; tap < kTaps; ++tap) {
    for (int v = 0; v < kVectors; ++v) {
      float* to = row.sums + (first_tap + tap) * row.c + c + v * kLanes;
      Floats sum;
      load(to, sum);
      sum += sums[tap][v];
      std::memcpy(to, &sum, sizeof(sum));
    }
  }
}

template <int kTaps, typename T>
[[gnu::always_inline]] inline void add_taps(const RowPair<T>& row, std::int64_t first_tap) {
  std::int64_t c = 0;
  for (; c + 2 * kLanes <= row.c; c += 2 * kLanes) add_channels<kTaps, 2>(row, first_tap, c);
  for (; c < row.c; c += kLanes) add_channels<kTaps, 1>(row, first_tap, c);
}

template <typename T>
[[gnu::always_inline]] inline void add_row_of_taps(const RowPair<T>& row, std::int64_t taps) {
  std::int64_t tap = 0;
  for (; tap + 3 <= taps; tap += 3) add_taps<3>(row, tap);
  for (; tap < taps; ++tap) add_taps<1>(row, tap);
}

template <typename T>
[[gnu::always_inline]] inline void add_to_bias(const T* dy, std::int64_t pixels, std::int64_t c,
                                               float* sums) {
  for (std::int64_t at = 0; at < c; at += kLanes) {
    Floats sum;
    load(sums + at, sum);
    for (std::int64_t i = 0; i < pixels; ++i) {
      Floats one;
      load(dy + i * c + at, one);
      sum += one;
    }
    std::memcpy(sums + at, &sum, sizeof(sum));
  }
}

GRAFT_CLONES void add_products(const RowPair<float>& row, std::int64_t taps) { add_row_of_taps(row, taps); }
GRAFT_CLONES void add_low_products(const RowPair<std::uint16_t>& row, std::int64_t taps) {
  add_row_of_taps(row, taps);
}
void add_products(const RowPair<std::uint16_t>& row, std::int64_t taps) { add_low_products(row, taps); }

GRAFT_CLONES void add_bias(const float* dy, std::int64_t pixels, std::int64_t c, float* sums) {
  add_to_bias(dy, pixels, c, sums);
}
GRAFT_CLONES void add_low_bias(const std::uint16_t* dy, std::int64_t pixels, std::int64_t c, float* sums) {
  add_to_bias(dy, pixels, c, sums);
}
void add_bias(const std::uint16_t* dy, std::int64_t pixels, std::int64_t c, float* sums) {
  add_low_bias(dy, pixels, c, sums);
}

/// So many rows are summed in float32 before their sum goes to a double.
constexpr std::size_t kRowsInFloat = 16;

void move_to(double* sums, std::vector<float>& few) {
  for (std::size_t i = 0; i < few.size(); ++i) sums[i] += static_cast<double>(few[i]);
  std::ranges::fill(few, 0.0F);
}

template <typename T>
class DepthwiseGradient {
 public:
  DepthwiseGradient(const WindowExtents& extents, const ops::Window& window)
      : e_(extents),
        window_(window),
        taps_(window.height * window.width),
        reduction_(static_cast<std::size_t>(e_.n * e_.oh), static_cast<std::size_t>((taps_ + 1) * e_.c), 1) {}

  void run(const T* x, const T* dy, float* dkernel, float* dbias) {
    const double* sums = reduction_.run([&](std::size_t begin, std::size_t end, double* part) {
      thread_local std::vector<float> few;
      few.assign(reduction_.channels(), 0.0F);
      for (std::size_t row = begin; row < end; ++row) {
        const T* of_row = dy + static_cast<std::int64_t>(row) * e_.ow * e_.c;
        add_row(x, of_row, static_cast<std::int64_t>(row), few.data());
        if (dbias != nullptr) add_bias(of_row, e_.ow, e_.c, few.data() + taps_ * e_.c);
        if ((row - begin) % kRowsInFloat + 1 == kRowsInFloat || row + 1 == end) move_to(part, few);
      }
    });
    for (std::int64_t i = 0; i < taps_ * e_.c; ++i) dkernel[i] = static_cast<float>(sums[i]);
    if (dbias == nullptr) return;
    for (std::int64_t i = 0; i < e_.c; ++i) dbias[i] = static_cast<float>(sums[taps_ * e_.c + i]);
  }

 private:
  void add_row(const T* x, const T* dy, std::int64_t row, float* part) const {
    for (std::int64_t tap = 0; tap < window_.height; ++tap) {
      const std::int64_t iy =
          row % e_.oh * window_.stride_height - window_.pad_top + tap * window_.dilation_height;
      if (iy < 0 || iy >= e_.h) continue;
      add_products(RowPair<T>{.x = x + (row / e_.oh * e_.h + iy) * e_.w * e_.c,
                              .dy = dy,
                              .sums = part + tap * window_.width * e_.c,
                              .w = e_.w,
                              .ow = e_.ow,
                              .c = e_.c,
                              .stride = window_.stride_width,
                              .dilation = window_.dilation_width,
                              .pad = window_.pad_left},
                   window_.width);
    }
  }

  WindowExtents e_;
  ops::Window window_;
  std::int64_t taps_;
  loops::Reduction reduction_;
};

template <typename T>
Function function_for(const WindowExtents& extents, const ops::Window& window) {
  return [gradient = DepthwiseGradient<T>(extents, window)](const RunContext&, Inputs inputs,
                                                            Outputs outputs) mutable {
    gradient.run(reinterpret_cast<const T*>(inputs[0]), reinterpret_cast<const T*>(inputs[1]), outputs[0],
                 out(outputs, 1));
  };
}

}  // namespace

Function function_of(const ops::ConvolutionBackwardKernel& op, const Spec& spec) {
  const WindowExtents e = window_extents(spec, spec.inputs[0].shape, spec.inputs[1].shape);
  const bool fits = op.groups == e.c && e.f == e.c && e.c % kLanes == 0;
  if (!fits || spec.inputs[0].dtype != spec.inputs[1].dtype) return {};
  return spec.inputs[0].dtype == DType::bfloat16 ? function_for<std::uint16_t>(e, op.window)
                                                 : function_for<float>(e, op.window);
}

}  // namespace graft::kernels::native_detail

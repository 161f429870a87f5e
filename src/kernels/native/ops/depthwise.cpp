// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions of 3 x 3 and 5 x 5 with a step of 1 or 2, and the gradient of their input with a
// step of 1, in float32 and bfloat16.
#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/depthwise_strip.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/swish.hpp"

namespace graft::kernels::native_detail {

using vectors::kLanes;
namespace {

/// A convolution (n, h, w, c) to (n, oh, ow, c); rotated: by the kernel rotated by 180 degrees.
struct DepthwiseShape {
  WindowExtents e;
  std::int64_t side, step, pad_top, pad_left;
  bool rotated = false;
};

constexpr std::int64_t kFewestResultsOfThread = 1 << 13;

/// T: float, or bfloat16 bits.
template <typename T>
class Depthwise final : public Kernel {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;

 public:
  Depthwise(const DepthwiseShape& shape, const ops::Activation& activation)
      : shape_(shape),
        activation_(activation),
        clips_(vectors::only_clips(activation)),
        weights_(static_cast<std::size_t>(depthwise_layers<T>(shape.side) * shape.side * shape.e.c)),
        zeros_(
            static_cast<std::size_t>(((kMostDepthwiseResults - 1) * shape.step + shape.side) * shape.e.c)) {}

  void pack(Inputs inputs) override {
    packed_ = in(inputs, In::kernel) != nullptr;
    if (packed_) pack_kernel(in(inputs, In::kernel));
  }

  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    if (!packed_) pack_kernel(in(inputs, In::kernel));
    const WindowExtents& e = shape_.e;
    const auto grain =
        static_cast<std::size_t>(std::max<std::int64_t>(1, kFewestResultsOfThread / (e.ow * e.c)));
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row)
        write_row(inputs, out<T>(outputs, Out::y), static_cast<std::int64_t>(row));
    });
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override {
    return "native depthwise:avx512_core_bf16";
  }

 private:
  using Weight = typename DepthwiseStrip<T, T>::Weight;

  void pack_kernel(const float* kernel) {
    const std::int64_t taps = shape_.side * shape_.side;
    std::fill(weights_.begin(), weights_.end(), Weight{});
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const float* from = kernel + (shape_.rotated ? taps - 1 - tap : tap) * shape_.e.c;
      for (std::int64_t c = 0; c < shape_.e.c; ++c) put(from[c], tap / shape_.side, tap % shape_.side, c);
    }
  }
  void put(float weight, std::int64_t row, std::int64_t column, std::int64_t c) {
    if constexpr (std::is_same_v<T, float>) {
      weights_[static_cast<std::size_t>((row * shape_.side + column) * shape_.e.c + c)] = weight;
    } else {
      const std::uint32_t bits = vectors::rounded(weight);
      weights_[static_cast<std::size_t>((row / 2 * shape_.side + column) * shape_.e.c + c)] |=
          row % 2 == 0 ? bits : bits << 16U;
    }
  }

  void write_row(Inputs inputs, T* y, std::int64_t row) const {
    const WindowExtents& e = shape_.e;
    DepthwiseStrip<T, T> strip{.pixels = {},
                               .left = 0,
                               .width = e.w,
                               .weights = weights_.data(),
                               .bias = in(inputs, In::bias),
                               .y = nullptr,
                               .c = e.c,
                               .low = -std::numeric_limits<float>::infinity(),
                               .high = std::numeric_limits<float>::infinity()};
    if (clips_ && !activation_.is_linear()) {
      strip.low = 0;
      strip.high = activation_.max_value;
    }
    const T* x = in<T>(inputs, In::x) + row / e.oh * e.h * e.w * e.c;
    const std::int64_t top = row % e.oh * shape_.step - shape_.pad_top;
    const std::int64_t strips = (e.ow + kMostDepthwiseResults - 1) / kMostDepthwiseResults;
    for (std::int64_t i = 0; i < strips; ++i) {
      const std::int64_t begin = e.ow * i / strips;
      const std::int64_t results = e.ow * (i + 1) / strips - begin;
      strip.left = begin * shape_.step - shape_.pad_left;
      for (std::int64_t ky = 0; ky < shape_.side; ++ky) {
        const std::int64_t iy = top + ky;
        strip.pixels.at(static_cast<std::size_t>(ky)) =
            iy < 0 || iy >= e.h ? zeros_.data() : x + (iy * e.w + strip.left) * e.c;
      }
      strip.y = y + (row * e.ow + begin) * e.c;
      sum(strip, results);
    }
  }

  /// Sums and activates.
  void sum(const DepthwiseStrip<T, T>& strip, std::int64_t results) const {
    const std::int64_t end = strip.left + (results - 1) * shape_.step + shape_.side;
    const bool edge = strip.left < 0 || end > strip.width;
    const auto sums = depthwise_sum<T, T>(shape_.side, shape_.step, results, edge);
    if (clips_) return sums(strip);
    const std::int64_t count = results * strip.c;
    if constexpr (std::is_same_v<T, float>) {
      sums(strip);
      vectors::activate_block(activation_, strip.y, strip.y, static_cast<std::size_t>(count));
    } else {
      auto* wide = thread_scratch<float>(static_cast<std::size_t>(count));
      depthwise_sum<T, float>(shape_.side, shape_.step, results,
                              edge)({strip.pixels, strip.left, strip.width, strip.weights, strip.bias, wide,
                                     strip.c, strip.low, strip.high});
      activate(wide, strip.y, static_cast<std::size_t>(count));
    }
  }

  /// x is overwritten.
  void activate(float* x, std::uint16_t* y, std::size_t count) const {
    if (vectors::has_fast_swish(activation_)) return vectors::swish(x, y, count);
    vectors::activate_block(activation_, x, x, count);
    vectors::to_bfloat16_block(x, y, count);
  }

  DepthwiseShape shape_;
  ops::Activation activation_;
  bool clips_;
  std::vector<Weight> weights_;
  std::vector<T> zeros_;  ///< read above the upper and below the lower edge
  bool packed_ = false;
};

bool fits(const ops::Window& window, std::int64_t groups, const Spec& spec, const DepthwiseShape& shape) {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;
  const WindowExtents& e = shape.e;
  return has_bfloat16() && groups == e.c && e.f == e.c && e.c % kLanes == 0 && !spec.has_in(In::residual) &&
         spec.in(In::x).dtype == spec.out(Out::y).dtype && window.height == window.width &&
         (window.height == 3 || window.height == 5) && window.stride_height == window.stride_width &&
         window.dilation_height == 1 && window.dilation_width == 1;
}

std::unique_ptr<Kernel> kernel_for(const Spec& spec, const DepthwiseShape& shape,
                                   const ops::Activation& activation) {
  using In = ops::Convolution::In;
  if (spec.in(In::x).dtype == DType::bfloat16)
    return std::make_unique<Depthwise<std::uint16_t>>(shape, activation);
  return std::make_unique<Depthwise<float>>(shape, activation);
}

}  // namespace

std::unique_ptr<Kernel> make_depthwise(const ops::Convolution& op, const Spec& spec) {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;
  const ops::Window& window = op.window;
  const DepthwiseShape shape{.e = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape),
                             .side = window.height,
                             .step = window.stride_height,
                             .pad_top = window.pad_top,
                             .pad_left = window.pad_left};
  if (!fits(window, op.groups, spec, shape) || shape.step > 2) return nullptr;
  return kernel_for(spec, shape, op.activation);
}

std::unique_ptr<Kernel> make_depthwise(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardInput::In;
  using Out = ops::ConvolutionBackwardInput::Out;
  const ops::Window& window = op.window;
  const DepthwiseShape shape{.e = window_extents(spec, spec.in(In::dy).shape, spec.out(Out::dx).shape),
                             .side = window.height,
                             .step = 1,
                             .pad_top = window.height - 1 - window.pad_top,
                             .pad_left = window.width - 1 - window.pad_left,
                             .rotated = true};
  if (!fits(window, op.groups, spec, shape) || window.stride_height != 1) return nullptr;
  return kernel_for(spec, shape, ops::Activation());
}

}  // namespace graft::kernels::native_detail

// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions of 3 x 3 and 5 x 5 with a step of 1 or 2, and the gradient of their input with a
// step of 1, in float32 and bfloat16.
#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/native/depthwise_strip.hpp"
#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/swish.hpp"
#include "kernels/shared/thread_scratch.hpp"

namespace graft::kernels::native_detail {
namespace {

/// A convolution (n, h, w, c) to (n, oh, ow, c); turned: by the kernel turned by half a turn.
struct Sight {
  WindowExtents e;
  std::int64_t side, step, pad_top, pad_left;
  bool turned = false;
};

constexpr std::int64_t kFewestResultsOfThread = 1 << 13;

/// T: float, or bfloat16 bits.
template <typename T>
class Depthwise final : public Kernel {
 public:
  Depthwise(const Sight& sight, const ops::Activation& activation)
      : sight_(sight),
        activation_(activation),
        clips_(loops::only_clips(activation)),
        weights_(static_cast<std::size_t>(depthwise_layers<T>(sight.side) * sight.side * sight.e.c)),
        zeros_(
            static_cast<std::size_t>(((kMostDepthwiseResults - 1) * sight.step + sight.side) * sight.e.c)) {}

  void pack(Inputs inputs) override {
    packed_ = in(inputs, 1) != nullptr;
    if (packed_) take(in(inputs, 1));
  }

  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    if (!packed_) take(in(inputs, 1));
    const WindowExtents& e = sight_.e;
    const auto grain =
        static_cast<std::size_t>(std::max<std::int64_t>(1, kFewestResultsOfThread / (e.ow * e.c)));
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row)
        give_row(inputs, out<T>(outputs, 0), static_cast<std::int64_t>(row));
    });
  }
  [[nodiscard]] bool runs_at_once() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override {
    return "native depthwise:avx512_core_bf16";
  }

 private:
  using Weight = typename DepthwiseStrip<T, T>::Weight;

  void take(const float* kernel) {
    const std::int64_t taps = sight_.side * sight_.side;
    std::fill(weights_.begin(), weights_.end(), Weight{});
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const float* from = kernel + (sight_.turned ? taps - 1 - tap : tap) * sight_.e.c;
      for (std::int64_t c = 0; c < sight_.e.c; ++c) put(from[c], tap / sight_.side, tap % sight_.side, c);
    }
  }
  void put(float weight, std::int64_t row, std::int64_t column, std::int64_t c) {
    if constexpr (std::is_same_v<T, float>) {
      weights_[static_cast<std::size_t>((row * sight_.side + column) * sight_.e.c + c)] = weight;
    } else {
      const std::uint32_t bits = loops::rounded(weight);
      weights_[static_cast<std::size_t>((row / 2 * sight_.side + column) * sight_.e.c + c)] |=
          row % 2 == 0 ? bits : bits << 16U;
    }
  }

  void give_row(Inputs inputs, T* y, std::int64_t row) const {
    const WindowExtents& e = sight_.e;
    DepthwiseStrip<T, T> strip{.pixels = {},
                               .left = 0,
                               .width = e.w,
                               .weights = weights_.data(),
                               .bias = in(inputs, 2),
                               .y = nullptr,
                               .c = e.c,
                               .low = -std::numeric_limits<float>::infinity(),
                               .high = std::numeric_limits<float>::infinity()};
    if (clips_ && !activation_.is_linear()) {
      strip.low = 0;
      strip.high = activation_.max_value;
    }
    const T* x = in<T>(inputs, 0) + row / e.oh * e.h * e.w * e.c;
    const std::int64_t top = row % e.oh * sight_.step - sight_.pad_top;
    const std::int64_t strips = (e.ow + kMostDepthwiseResults - 1) / kMostDepthwiseResults;
    for (std::int64_t i = 0; i < strips; ++i) {
      const std::int64_t begin = e.ow * i / strips;
      const std::int64_t results = e.ow * (i + 1) / strips - begin;
      strip.left = begin * sight_.step - sight_.pad_left;
      for (std::int64_t ky = 0; ky < sight_.side; ++ky) {
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
    const std::int64_t end = strip.left + (results - 1) * sight_.step + sight_.side;
    const bool edge = strip.left < 0 || end > strip.width;
    const auto sums = depthwise_sum<T, T>(sight_.side, sight_.step, results, edge);
    if (clips_) return sums(strip);
    const std::int64_t count = results * strip.c;
    if constexpr (std::is_same_v<T, float>) {
      sums(strip);
      loops::activate_block(activation_, strip.y, strip.y, static_cast<std::size_t>(count));
    } else {
      auto* wide = thread_scratch<float>(static_cast<std::size_t>(count));
      depthwise_sum<T, float>(sight_.side, sight_.step, results,
                              edge)({strip.pixels, strip.left, strip.width, strip.weights, strip.bias, wide,
                                     strip.c, strip.low, strip.high});
      activate(wide, strip.y, static_cast<std::size_t>(count));
    }
  }

  /// x is overwritten.
  void activate(float* x, std::uint16_t* y, std::size_t count) const {
    if (loops::has_fast_swish(activation_)) return loops::swish(x, y, count);
    loops::activate_block(activation_, x, x, count);
    loops::to_bfloat16_block(x, y, count);
  }

  Sight sight_;
  ops::Activation activation_;
  bool clips_;
  std::vector<Weight> weights_;
  std::vector<T> zeros_;  ///< what a strip sees beyond the upper and lower edge
  bool packed_ = false;
};

bool fits(const ops::Window& window, std::int64_t groups, const Spec& spec, const Sight& sight) {
  const WindowExtents& e = sight.e;
  return has_bfloat16() && groups == e.c && e.f == e.c && e.c % kLanes == 0 && !has(spec.inputs, 3) &&
         spec.inputs[0].dtype == spec.outputs[0].dtype && window.height == window.width &&
         (window.height == 3 || window.height == 5) && window.stride_height == window.stride_width &&
         window.dilation_height == 1 && window.dilation_width == 1;
}

std::unique_ptr<Kernel> kernel_for(const Spec& spec, const Sight& sight, const ops::Activation& activation) {
  if (spec.inputs[0].dtype == DType::bfloat16)
    return std::make_unique<Depthwise<std::uint16_t>>(sight, activation);
  return std::make_unique<Depthwise<float>>(sight, activation);
}

}  // namespace

std::unique_ptr<Kernel> make_depthwise(const ops::Convolution& op, const Spec& spec) {
  const ops::Window& window = op.window;
  const Sight sight{.e = window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape),
                    .side = window.height,
                    .step = window.stride_height,
                    .pad_top = window.pad_top,
                    .pad_left = window.pad_left};
  if (!fits(window, op.groups, spec, sight) || sight.step > 2) return nullptr;
  return kernel_for(spec, sight, op.activation);
}

std::unique_ptr<Kernel> make_depthwise(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  const ops::Window& window = op.window;
  const Sight sight{.e = window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape),
                    .side = window.height,
                    .step = 1,
                    .pad_top = window.height - 1 - window.pad_top,
                    .pad_left = window.width - 1 - window.pad_left,
                    .turned = true};
  if (!fits(window, op.groups, spec, sight) || window.stride_height != 1) return nullptr;
  return kernel_for(spec, sight, ops::Activation());
}

}  // namespace graft::kernels::native_detail

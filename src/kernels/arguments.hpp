// SPDX-License-Identifier: Apache-2.0
// What all backends share about a Spec: its argument counts, extents read from its shapes, a kernel made of a
// function.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "graft/kernels/kernel.hpp"

namespace graft::kernels {

using Function = std::function<void(const RunContext&, Inputs, Outputs)>;

/// Throws Error{internal} naming the op unless the spec has the argument counts of op.hpp; trailing arguments
/// that may be absent may be left out.
void check_arguments(const Spec& spec);

/// Whether the i-th argument is there.
[[nodiscard]] inline bool has(std::span<const Argument> arguments, std::size_t i) {
  return i < arguments.size() && arguments[i].present;
}
/// Whether an argument that is there is bfloat16.
[[nodiscard]] bool any_bfloat16(const Spec& spec);
/// uint8 or int8: whole numbers times the argument's scale.
[[nodiscard]] inline bool is_eight_bit(DType dtype) { return dtype == DType::uint8 || dtype == DType::int8; }
[[nodiscard]] bool any_eight_bit(const Spec& spec);
/// Whether an argument that is there is anything but float32.
[[nodiscard]] inline bool any_low(const Spec& spec) { return any_bfloat16(spec) || any_eight_bit(spec); }
/// False where an argument that is there has no elements: such specs are left to the reference, so that no
/// other backend needs care for them.
[[nodiscard]] bool all_have_elements(const Spec& spec);
/// The elements of the i-th argument, null when it is absent or left out. Throws Error{internal} where they
/// are not of type T.
template <typename T = float>
[[nodiscard]] const T* in(Inputs inputs, std::size_t i) {
  return i < inputs.size() ? inputs[i].as<T>() : nullptr;
}
template <typename T = float>
[[nodiscard]] T* out(Outputs outputs, std::size_t i) {
  return i < outputs.size() ? outputs[i].as<T>() : nullptr;
}

/// Elements of a shape as an index type for loops.
[[nodiscard]] inline std::size_t elements(const Shape& shape) {
  return static_cast<std::size_t>(shape.count());
}
/// Size of the last axis; 1 for a scalar.
[[nodiscard]] inline std::size_t channels(const Shape& shape) {
  return shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape[-1]);
}
/// Elements before the last axis: rows x channels = elements. 0 when there are no channels.
[[nodiscard]] inline std::size_t rows(const Shape& shape) {
  return channels(shape) == 0 ? 0 : elements(shape) / channels(shape);
}

/// The extents of an op that slides a window over x (N, H, W, C) and gives y (N, OH, OW, F). Signed, because
/// coordinates in the padding are negative.
struct WindowExtents {
  std::int64_t n = 0, h = 0, w = 0, c = 0;
  std::int64_t oh = 0, ow = 0, f = 0;
};
[[nodiscard]] WindowExtents window_extents(const Spec& spec, const Shape& x, const Shape& y);

/// A kernel that only calls a function. at_once: the function keeps nothing from run to run.
class FunctionKernel final : public Kernel {
 public:
  FunctionKernel(std::string implementation, Function function, bool at_once = false)
      : implementation_(std::move(implementation)), function_(std::move(function)), at_once_(at_once) {}
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    function_(context, inputs, outputs);
  }
  [[nodiscard]] bool runs_at_once() const override { return at_once_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  Function function_;
  bool at_once_;
};

}  // namespace graft::kernels

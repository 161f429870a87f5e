// SPDX-License-Identifier: Apache-2.0
// What all backends share: checks of a Spec, arguments by name, extents read from shapes, a kernel made from
// a function.
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

/// Whether a present argument is bfloat16.
[[nodiscard]] bool any_bfloat16(const Spec& spec);
/// uint8 or int8: whole numbers times the argument's scale.
[[nodiscard]] inline bool is_eight_bit(DType dtype) { return dtype == DType::uint8 || dtype == DType::int8; }
[[nodiscard]] bool any_eight_bit(const Spec& spec);
/// Whether a present argument is not float32.
[[nodiscard]] inline bool any_not_float32(const Spec& spec) {
  return any_bfloat16(spec) || any_eight_bit(spec);
}
/// False where a present argument has no elements. Only the reference supports such specs.
[[nodiscard]] bool all_have_elements(const Spec& spec);
/// The argument of this name, Op::In::x for example; absent where it is left out.
template <ArgumentName Name>
[[nodiscard]] View in_view(Inputs inputs, Name name) {
  const auto i = static_cast<std::size_t>(name);
  return i < inputs.size() ? inputs[i] : View{};
}
template <ArgumentName Name>
[[nodiscard]] MutableView out_view(Outputs outputs, Name name) {
  const auto i = static_cast<std::size_t>(name);
  return i < outputs.size() ? outputs[i] : MutableView{};
}
/// Its elements, null where it is absent. Throws Error{internal} where they are not of type T.
template <typename T = float, ArgumentName Name>
[[nodiscard]] const T* in(Inputs inputs, Name name) {
  return in_view(inputs, name).template as<T>();
}
template <typename T = float, ArgumentName Name>
[[nodiscard]] T* out(Outputs outputs, Name name) {
  return out_view(outputs, name).template as<T>();
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

/// The extents of an op that slides a window over x (N, H, W, C) to y (N, OH, OW, F). Signed, because
/// coordinates in the padding are negative.
struct WindowExtents {
  std::int64_t n = 0, h = 0, w = 0, c = 0;
  std::int64_t oh = 0, ow = 0, f = 0;
  friend bool operator==(const WindowExtents&, const WindowExtents&) = default;
};
[[nodiscard]] WindowExtents window_extents(const Spec& spec, const Shape& x, const Shape& y);

/// A kernel that only calls a function. concurrent: the function allows concurrent runs.
class FunctionKernel final : public Kernel {
 public:
  FunctionKernel(std::string implementation, Function function, bool concurrent = false)
      : implementation_(std::move(implementation)), function_(std::move(function)), concurrent_(concurrent) {}
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    function_(context, inputs, outputs);
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return concurrent_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  Function function_;
  bool concurrent_;
};

}  // namespace graft::kernels

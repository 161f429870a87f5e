// SPDX-License-Identifier: Apache-2.0
// A finished graph of float32 operators with 8-bit numbers, by TensorFlow Lite's quantization specification.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graft/formats/tflite.hpp"
#include "graft/int8_values.hpp"

namespace graft {
inline namespace tflite {

/// What is known of a graph beside its operators.
struct Int8Facts {
  std::vector<std::string> layers;           ///< of each operator: the path of the layer that it came from
  std::map<std::int32_t, Int8Range> ranges;  ///< of tensors that are values between layers, by their place
  std::set<std::string> float32_layers;      ///< operators of these stay float32
};

/// Which operators compute with 8-bit numbers, and which numbers each tensor has there. Everything that the
/// specification has 8 bits for does, where all it reads and writes has a range.
class Int8Plan {
 public:
  /// exact: in float32; each operator has one output. It must outlive the plan.
  Int8Plan(const formats::TfliteModel& exact, const Int8Facts& facts);

  [[nodiscard]] bool is_low(std::size_t op) const { return low_[op]; }
  /// Whether the operator's output must have the numbers of its inputs.
  [[nodiscard]] static bool moves(formats::TfliteOp op);
  /// Whether the operator is a convolution or a matrix product with a kernel.
  [[nodiscard]] static bool multiplies(formats::TfliteOp op);
  /// One scale and one zero point: of a tensor that an operator of 8 bits reads or writes.
  [[nodiscard]] formats::TfliteQuantization grid(std::int32_t tensor) const;

 private:
  [[nodiscard]] bool decide(const formats::TfliteOperator& op, const Int8Facts& facts, bool may_be_low);
  [[nodiscard]] bool has_low_inputs(const formats::TfliteOperator& op) const;
  [[nodiscard]] std::optional<Int8Range> inferred(const formats::TfliteOperator& op) const;
  [[nodiscard]] std::optional<float> single_number(std::int32_t tensor) const;
  [[nodiscard]] bool is_computed(std::int32_t tensor) const;
  [[nodiscard]] bool has_grid(std::int32_t tensor) const;
  [[nodiscard]] std::size_t group(std::int32_t tensor) const;
  void widen(std::int32_t tensor, const Int8Range& range);
  void join(const formats::TfliteOperator& op);

  const formats::TfliteModel& exact_;
  std::vector<bool> low_;          ///< by operator
  std::vector<bool> low_tensors_;  ///< by tensor: computed in 8 bits, or an input of the model
  /// By tensor: another of its group, all of which have the same numbers; itself for the group's first.
  std::vector<std::size_t> next_;
  std::vector<std::optional<Int8Range>> ranges_;                    ///< by group
  std::vector<std::optional<formats::TfliteQuantization>> stated_;  ///< by group: by the specification
};

/// One scale and one zero point for numbers of this range, which 0 is made part of.
[[nodiscard]] formats::TfliteQuantization int8_grid(const Int8Range& range);

/// The same graph in 8 bits: QUANTIZE and DEQUANTIZE stand where float32 and 8 bits meet, so also after the
/// input and before the output, which stay float32.
[[nodiscard]] formats::TfliteModel in_int8(const formats::TfliteModel& exact, const Int8Facts& facts);

}  // namespace tflite
}  // namespace graft

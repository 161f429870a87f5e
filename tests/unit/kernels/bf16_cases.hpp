// SPDX-License-Identifier: Apache-2.0
// Running cases whose arguments are bfloat16, and comparing them with the reference on the same, rounded,
// numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "cases.hpp"

namespace graft::kernels::test {

/// Half a unit in the last of bfloat16's 8 places, twice: once for the result, once for a sum's other order.
inline constexpr double kRounding = 1.0 / 256 * 2;

/// Which arguments are bfloat16.
struct Bf16Arguments {
  std::vector<std::size_t> inputs, outputs;
};

inline bool contains(const std::vector<std::size_t>& list, std::size_t i) {
  return std::ranges::find(list, i) != list.end();
}

inline Tensor to_bf16(const Tensor& tensor) {
  Tensor low(tensor.shape(), DType::bfloat16);
  auto* bits = static_cast<std::uint16_t*>(low.raw());
  for (std::size_t i = 0; i < tensor.data().size(); ++i) bits[i] = to_bfloat16(tensor.data()[i]);
  return low;
}

inline Tensor from_bf16(const Tensor& low) {
  Tensor tensor(low.shape());
  const auto* bits = static_cast<const std::uint16_t*>(low.raw());
  for (std::size_t i = 0; i < tensor.data().size(); ++i) tensor.data()[i] = from_bfloat16(bits[i]);
  return tensor;
}

inline std::vector<std::optional<Tensor>> run_bf16(const Case& c, const Bf16Arguments& low,
                                                   const RunOptions& options) {
  Spec spec = c.spec();
  std::vector<Tensor> alive;
  std::vector<View> inputs;
  std::vector<View> weights;
  std::vector<MutableView> outputs;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    if (c.inputs[i]) alive.push_back(contains(low.inputs, i) ? to_bf16(*c.inputs[i]) : *c.inputs[i]);
    if (contains(low.inputs, i)) spec.inputs[i].dtype = DType::bfloat16;
    inputs.push_back(c.inputs[i] ? view_of(alive.back()) : View{});
    weights.push_back(contains(options.weights, i) ? inputs.back() : View{});
  }
  std::vector<std::optional<Tensor>> results;
  for (std::size_t i = 0; i < c.outputs.size(); ++i) {
    const DType dtype = contains(low.outputs, i) ? DType::bfloat16 : DType::float32;
    results.push_back(c.outputs[i] ? std::optional(Tensor(c.outputs[i]->shape(), dtype)) : std::nullopt);
    spec.outputs[i].dtype = dtype;
    outputs.push_back(results[i] ? view_of(*results[i]) : MutableView{});
  }
  const auto kernel = make_kernel(spec);
  kernel->pack(weights);
  kernel->run(options.context, inputs, outputs);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] && contains(low.outputs, i)) results[i] = from_bf16(*results[i]);
  }
  return results;
}

inline void expect_rounded(const Case& c, const Bf16Arguments& low, const RunOptions& options = {},
                           double rounding = kRounding) {
  SCOPED_TRACE(c.describe());
  Case rounded = c;
  for (const std::size_t i : low.inputs) {
    if (rounded.inputs[i]) rounded.inputs[i] = from_bf16(to_bf16(*rounded.inputs[i]));
  }
  const auto expected = run(reference(), rounded, {.context = options.context});
  const auto got = run_bf16(rounded, low, options);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!expected[i]) continue;
    double largest = 0;
    for (const float x : expected[i]->data()) largest = std::max(largest, std::abs(static_cast<double>(x)));
    for (std::size_t k = 0; k < expected[i]->data().size(); ++k)
      ASSERT_NEAR(got[i]->data()[k], expected[i]->data()[k], rounding * largest) << "output " << i;
  }
}

}  // namespace graft::kernels::test

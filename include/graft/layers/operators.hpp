// SPDX-License-Identifier: Apache-2.0
// Arithmetic on the outputs of layers, as in Python: a + b, 2 * x. Keras puts such an operation into a
// model's graph and config, with an automatic name (add, add_1, ...), but not into its list of layers.
#pragma once

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Sizes of two tensors along an axis are equal, or one of them is 1 and is repeated (broadcasting). Throws
/// Error{shape_mismatch} naming the operation.
[[nodiscard]] SymbolicTensor operator+(const SymbolicTensor& a, const SymbolicTensor& b);
[[nodiscard]] SymbolicTensor operator-(const SymbolicTensor& a, const SymbolicTensor& b);
[[nodiscard]] SymbolicTensor operator*(const SymbolicTensor& a, const SymbolicTensor& b);
/// Every element with one number. Throws Error{invalid_argument} for a division by 0.
[[nodiscard]] SymbolicTensor operator+(const SymbolicTensor& x, double number);
[[nodiscard]] SymbolicTensor operator-(const SymbolicTensor& x, double number);
[[nodiscard]] SymbolicTensor operator*(const SymbolicTensor& x, double number);
[[nodiscard]] SymbolicTensor operator/(const SymbolicTensor& x, double number);

}  // namespace graft

#pragma GCC visibility pop

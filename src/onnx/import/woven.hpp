// SPDX-License-Identifier: Apache-2.0
// Values of attention: their batch axis is moved, or joined with heads or windows to one axis.
#pragma once

#include "onnx/import/importer.hpp"

namespace graft {
inline namespace onnx {

/// Converts a node whose values are woven, or become so, and what only attention needs: products of two
/// computed values, Gather, Expand, and fixed rows that are joined to those of each photo. False: it is an
/// ordinary node.
[[nodiscard]] bool convert_woven(Importer& importer);

/// A layer Dense on the last axis of x, which has the kernel's rows.
[[nodiscard]] SymbolicTensor dense_layer(Importer& importer, const SymbolicTensor& x, const Tensor& kernel,
                                         const std::optional<Tensor>& bias);
/// Kernel and bias of a node Gemm or MatMul with fixed numbers.
struct DenseNumbers {
  Tensor kernel;
  std::optional<Tensor> bias;
};
[[nodiscard]] DenseNumbers dense_numbers(Importer& importer);

/// The operation of keras.ops, and the layer, of an operator of two values.
struct BinaryOperator {
  const char* keras;
  Layer (*layer)(const std::string& name);  ///< null: the operation is used for two values as well
};
/// Null for other operators.
[[nodiscard]] const BinaryOperator* binary_operator(const std::string& op);
/// The node's operator on two values that lie alike.
[[nodiscard]] SymbolicTensor combined(Importer& importer, const std::vector<SymbolicTensor>& values);

/// How a woven value lies. The tensor's axis 0 is the batch.
using Parts = std::vector<std::vector<int>>;

/// A Reshape's shape with 0 and -1 replaced; the batch counts as 1.
struct Target {
  std::vector<std::int64_t> counts;
  std::vector<bool> open;      ///< the axis has the batch in it
  std::vector<bool> inferred;  ///< it was given as -1
};
/// value: a woven one. Throws Error{unsupported} for a shape of another number of elements.
[[nodiscard]] Target target_of(const Importer& importer, const Known& value,
                               const std::vector<std::int64_t>& given);

/// The value as woven: each axis of ONNX's is some axes of the tensor.
[[nodiscard]] Known woven(Importer& importer, const Known& value);
/// The same value with the axes that a Reshape makes of it.
[[nodiscard]] Known regrouped(Importer& importer, const Known& value, const Target& target);
/// An ordinary value again, where the batch is the first axis by itself.
[[nodiscard]] Known settled(Importer& importer, Known value);
/// Tensor axes in this order, those of a group joined. The first group is the batch.
[[nodiscard]] SymbolicTensor gathered(Importer& importer, const Known& value, const Parts& groups);
/// ONNX's shape of the parts: the batch's axis is minus the number of its other elements.
[[nodiscard]] Shape woven_shape(const SymbolicTensor& tensor, const Parts& parts);

/// A woven value of a new tensor. Axes of one element are taken out of the parts.
[[nodiscard]] Known woven_value(const Known& from, SymbolicTensor tensor, Parts parts);
/// The tensor's axis that an axis of ONNX's is. Throws Error{unsupported} where it is several, or the batch.
[[nodiscard]] int woven_axis(const Importer& importer, const Known& value, int axis);

/// The same with one axis of the tensor for an axis of ONNX's that has not the batch.
[[nodiscard]] Known with_single_axis(Importer& importer, const Known& value, int axis);

// woven_arithmetic.cpp
void convert_woven_product(Importer& importer);  ///< MatMul of two computed values
void convert_einsum(Importer& importer);         ///< a batched product of matrices, either one turned
void convert_woven_dense(Importer& importer);    ///< MatMul and Gemm with a fixed kernel
void convert_woven_softmax(Importer& importer);
void convert_with_numbers(Importer& importer, bool numbers_first);
void convert_woven_binary(Importer& importer);
/// An ordinary node on the tensor as it lies, whose last `kept` axes are ONNX's.
void convert_as_ordinary(Importer& importer, const Operators& operators, std::size_t kept);

// woven_parts.cpp
/// Elements begin to end of a tensor's axis.
[[nodiscard]] SymbolicTensor range_of(Importer& importer, const SymbolicTensor& x, const AxisSlice& range);
/// Gather on one axis: elements in any order, into as many axes as the places have.
void convert_woven_gather(Importer& importer);
void convert_woven_slice(Importer& importer);
void convert_woven_split(Importer& importer);
void convert_woven_expand(Importer& importer);  ///< copies along axes of one element

}  // namespace onnx
}  // namespace graft

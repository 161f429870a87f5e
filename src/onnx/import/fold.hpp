// SPDX-License-Identifier: Apache-2.0
// What the sources that compute fixed numbers share.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "onnx/import/importer.hpp"

namespace graft {
inline namespace onnx {

/// The largest constant that a node may make: a file could ask for more than there is memory.
inline constexpr std::int64_t kMostElements = std::int64_t{1} << 24;

/// Throws Error{resource_limit} for a shape of more elements.
void check_size(const Importer& importer, const std::vector<std::int64_t>& sizes);
/// The tensor is the node's result.
void finish(Importer& importer, Tensor tensor);

/// A function of two numbers, for each element of the node's first two inputs, with numpy's broadcasting.
void fold_binary(Importer& importer, const std::function<double(double, double)>& function);

using Fold = void (*)(Importer& importer);
/// Of operators that compare, choose and place elements, and of products; null for others.
[[nodiscard]] Fold find_choice_fold(const std::string& op);
/// Of operators that move elements; null for others.
[[nodiscard]] Fold find_shape_fold(const std::string& op);

}  // namespace onnx
}  // namespace graft

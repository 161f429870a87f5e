// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"

namespace graft::layers {

/// Shared by Add, Multiply and the other merging layers: shapes, broadcasting, one op per input.
class MergeLayer : public LayerBase {
 public:
  /// fewest: the smallest number of inputs.
  MergeLayer(const char* class_name, const std::string& name, ops::BinaryKind kind, std::size_t fewest = 2)
      : LayerBase(class_name, name), kind_(kind), fewest_(fewest) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override;
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;
  [[nodiscard]] Json own_config() const override { return Json::object(); }

 private:
  ops::BinaryKind kind_;
  std::size_t fewest_;
};

/// Appends y = f(a, b). a and b have the same rank.
[[nodiscard]] ops::ValueId lower_binary(ops::Graph& graph, ops::BinaryKind kind, ops::ValueId a,
                                        ops::ValueId b);
/// The value with axes of size 1 after its batch axis, up to this rank.
[[nodiscard]] ops::ValueId with_rank(ops::Graph& graph, ops::ValueId x, std::size_t rank);
/// x times a number.
[[nodiscard]] ops::ValueId lower_scaled(ops::Graph& graph, ops::ValueId x, double factor);

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
// A model's ops in inference mode, for programs of other formats.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "graft/extend/graph.hpp"
#include "graft/model.hpp"

namespace graft {

struct InferenceGraph {
  ops::Graph graph;  ///< for a batch of one
  std::vector<ops::ValueId> inputs, outputs;
};

/// image_size: for inputs whose height and width are open. file: what is written, for messages: "an ONNX
/// file". Errors: Error{shape_mismatch} for an open size without image_size.
[[nodiscard]] InferenceGraph inference_graph(const Model& model, const std::optional<Size2D>& image_size,
                                             std::string_view file);

/// Values (R, C) of such a graph whose rows are all places of a value (N, ..., C): graft's products and
/// normalisations read such rows. In a file they keep their axes, so that the batch stays an axis of its own.
class RowShapes {
 public:
  /// The whole value of which these are the rows; of rank 0 for others.
  [[nodiscard]] Shape of(ops::ValueId value) const;
  void set(ops::ValueId value, Shape whole) { whole_.insert_or_assign(value, std::move(whole)); }
  /// What an op computes of rows are rows. To be called after each op in the graph's order.
  void follow(const ops::Graph& graph, const ops::Op& op);

 private:
  std::map<ops::ValueId, Shape> whole_;
};

/// Elements of values of such a graph that are known before it runs: of weights, of constants, and of what is
/// computed from them while a file is written.
class FixedValues {
 public:
  /// In the value's shape; nothing for kAbsent and for what is computed for each photo.
  [[nodiscard]] std::optional<Tensor> of(const ops::Graph& graph, ops::ValueId value) const;
  void set(ops::ValueId value, Tensor elements) { computed_.insert_or_assign(value, std::move(elements)); }

 private:
  std::map<ops::ValueId, Tensor> computed_;
};

/// Factor and summand of each channel, float32 (C).
struct ScaleAndShift {
  Tensor scale, shift;
};
/// What BatchNormalization does in inference: scale = gamma / sqrt(variance + epsilon), shift = beta - mean
/// scale. given: gamma, beta, moving mean, moving variance.
[[nodiscard]] ScaleAndShift scale_and_shift(std::span<const Tensor> given, float epsilon);

}  // namespace graft

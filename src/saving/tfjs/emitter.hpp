// SPDX-License-Identifier: Apache-2.0
// A model's ops as layers that TensorFlow.js has.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graft/extend/graph.hpp"
#include "graft/model.hpp"
#include "graft/models/inference_graph.hpp"
#include "graft/tfjs.hpp"

namespace graft {
inline namespace saving {

/// The layers while ops are added to them. A value (R, C) whose rows are all places of a value (N, ..., C)
/// keeps its axes: see rows_of().
class TfjsEmitter {
 public:
  TfjsEmitter(const ops::Graph& graph, const TfjsOptions& options) : graph_(graph), options_(options) {}

  [[nodiscard]] const ops::Graph& graph() const { return graph_; }
  [[nodiscard]] const Shape& shape(ops::ValueId value) const { return graph_.shape(value); }
  [[nodiscard]] bool old_version() const { return options_.teachable_machine; }

  /// What follows belongs to this op.
  void begin(const ops::Op& op);
  /// A name that no layer has yet: that of the op's layer, or with a number.
  [[nodiscard]] std::string name();
  /// Keeps a name for an input.
  void take(const std::string& name) { taken_.insert(name); }

  /// A value as an input of the current op.
  [[nodiscard]] SymbolicTensor in(ops::ValueId value) const;
  void define(ops::ValueId value, const SymbolicTensor& made) { made_.insert_or_assign(value, made); }
  /// The elements of a weight, of a constant and of what is computed from them; else nothing.
  [[nodiscard]] std::optional<Tensor> fixed(ops::ValueId value) const { return fixed_.of(graph_, value); }
  /// The same; refuses the layer where there are none. what: "a kernel".
  [[nodiscard]] Tensor fixed_or_refuse(ops::ValueId value, const char* what) const;
  void set_fixed(ops::ValueId value, Tensor elements) { fixed_.set(value, std::move(elements)); }
  /// The whole value of which these are the rows; of rank 0 for others.
  [[nodiscard]] Shape rows_of(ops::ValueId value) const { return rows_.of(value); }
  void set_rows(ops::ValueId value, Shape whole) { rows_.set(value, std::move(whole)); }
  void keep_rows(const ops::Op& op) { rows_.follow(graph_, op); }

  /// Calls a layer and gives it its weights.
  [[nodiscard]] SymbolicTensor call(const Layer& layer, const SymbolicTensor& x,
                                    const std::vector<Tensor>& weights = {}) const;

  // Arithmetic by layers.
  [[nodiscard]] SymbolicTensor affine(const SymbolicTensor& x, const Tensor& scale, const Tensor& shift);
  [[nodiscard]] SymbolicTensor affine(const SymbolicTensor& x, float scale, float shift);
  /// Two inputs of a layer; of one value twice a copy. TensorFlow.js counts who still reads a value by
  /// layers, and frees one that a layer reads twice while others need it.
  [[nodiscard]] std::vector<SymbolicTensor> two(const SymbolicTensor& a, const SymbolicTensor& b);
  [[nodiscard]] SymbolicTensor add(const SymbolicTensor& a, const SymbolicTensor& b);
  [[nodiscard]] SymbolicTensor multiply(const SymbolicTensor& a, const SymbolicTensor& b);
  [[nodiscard]] SymbolicTensor apply(const char* activation, const SymbolicTensor& x);
  [[nodiscard]] SymbolicTensor clip(const SymbolicTensor& x, float most);  ///< 0 to most
  [[nodiscard]] SymbolicTensor activated(const ops::Activation& activation, const SymbolicTensor& x);
  /// Some channels of an image, by a product that selects them.
  [[nodiscard]] SymbolicTensor channels(const SymbolicTensor& x, std::int64_t begin, std::int64_t count);

  /// Throws Error{unsupported}: the layer cannot be exported.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  [[nodiscard]] SymbolicTensor relu(const ops::Activation& activation, const SymbolicTensor& x);
  [[nodiscard]] SymbolicTensor hard_sigmoid(const SymbolicTensor& x);
  [[nodiscard]] SymbolicTensor gelu(const SymbolicTensor& x);
  [[nodiscard]] SymbolicTensor gelu_tanh(const SymbolicTensor& x);

  const ops::Graph& graph_;
  const TfjsOptions& options_;
  const ops::Op* op_ = nullptr;
  std::map<ops::ValueId, SymbolicTensor> made_;
  FixedValues fixed_;
  RowShapes rows_;
  std::set<std::string> taken_;
};

/// A model of TensorFlow.js's layers with the same answers as the model in inference.
[[nodiscard]] Model with_tfjs_layers(const Model& model, const TfjsOptions& options);

// Each adds one op.
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Convolution& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::ConvolutionBackwardInput& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Pool& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::GlobalPool& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Pad& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Resize& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Crop& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Slice& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Concatenate& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Permute& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Reshape& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Dense& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::ActivationForward& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Softmax& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::Binary& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::BatchNormalizationScaleShift& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::ScaleShift& params);
void emit(TfjsEmitter& emitter, const ops::Op& op, const ops::GroupNormalization& params);

}  // namespace saving
}  // namespace graft

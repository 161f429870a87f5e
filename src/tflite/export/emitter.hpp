// SPDX-License-Identifier: Apache-2.0
// The operators of a TensorFlow Lite file while ops are appended to it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/extend/graph.hpp"
#include "graft/formats/tflite.hpp"
#include "graft/models/inference_graph.hpp"
#include "graft/tflite.hpp"

#include "tflite/export/int8.hpp"

namespace graft {
inline namespace tflite {

using formats::TfliteActivation;
using formats::TfliteOp;
using formats::TfliteSettings;
using Integers32 = std::vector<std::int32_t>;
using Places = std::vector<std::int32_t>;  ///< of tensors of the file

/// Sizes and places of a file are 32-bit numbers.
[[nodiscard]] inline std::int32_t narrow(std::int64_t value) { return static_cast<std::int32_t>(value); }

/// Factor and summand of each channel.
struct Affine {
  Tensor scale, shift;  ///< float32 (C)
};

/// Keeps, for each value of the graph of ops, which tensor of the file it is. Axes have graft's order, which
/// is the file's. The batch axis of computed values is open (-1).
class Emitter {
 public:
  Emitter(const ops::Graph& graph, const TfliteOptions& options) : graph_(graph), options_(options) {
    if (options.int8) facts_.float32_layers = options.int8->float32_layers;
  }

  [[nodiscard]] const ops::Graph& graph() const { return graph_; }
  /// The value's shape in the file: graft's rows (R, C) keep their axes there; the batch is open.
  [[nodiscard]] Shape shape(ops::ValueId value) const;

  /// What follows belongs to this op.
  void begin(const ops::Op& op) { op_ = &op; }

  /// The value as an input.
  [[nodiscard]] std::int32_t in(ops::ValueId value);
  /// The tensor of an output of the current op.
  void define(ops::ValueId value, std::int32_t tensor);
  /// What 8 bits need to know: the tensor's range is that of this value of Int8Values.
  void note_range(std::int32_t tensor, const std::string& value);
  [[nodiscard]] bool is_int8() const { return options_.int8.has_value(); }
  [[nodiscard]] const Int8Facts& int8_facts() const { return facts_; }
  /// Adds an operator with one output of this shape and returns that.
  std::int32_t add(TfliteOp op, Places inputs, const Shape& shape, const TfliteSettings& settings = {},
                   DType dtype = DType::float32);
  [[nodiscard]] const Shape& shape_of(std::int32_t tensor) const;

  /// The elements of a weight, of a constant and of what is computed from them here; else nothing.
  [[nodiscard]] std::optional<Tensor> fixed(ops::ValueId value) const { return fixed_.of(graph_, value); }
  void set_fixed(ops::ValueId value, Tensor elements) { fixed_.set(value, std::move(elements)); }

  /// A value (R, C) whose rows are all places of a value (N, ..., C). Rank 0 for others.
  [[nodiscard]] Shape rows_of(ops::ValueId value) const { return rows_.of(value); }
  void set_rows(ops::ValueId value, Shape whole) { rows_.set(value, std::move(whole)); }
  void keep_rows(const ops::Op& op) { rows_.follow(graph_, op); }

  /// What is multiplied into the convolution that makes this value; null: nothing.
  [[nodiscard]] const Affine* affine_after(ops::ValueId value) const;
  void set_affine_after(ops::ValueId value, Affine affine) {
    affine_after_.insert_or_assign(value, std::move(affine));
  }

  std::int32_t constant(const Tensor& value, const std::string& name);
  /// A kernel: in 16 bits where they are wanted.
  std::int32_t kernel(const Tensor& value, const std::string& name);
  /// A single number.
  std::int32_t number(float value);
  std::int32_t integers(const std::vector<std::int32_t>& values, const Shape& shape);
  std::int32_t integers(const std::vector<std::int32_t>& values);
  /// The name of the weight, or `other`.
  [[nodiscard]] std::string name_of(ops::ValueId value, const char* other) const;
  /// A name that nothing has yet.
  std::string unique(const std::string& wanted);
  /// Adds a tensor that no operator computes.
  std::int32_t add_tensor(formats::TfliteTensor tensor);
  /// Throws Error{unsupported}: the layer cannot be exported.
  [[noreturn]] void refuse(const std::string& why) const;

  [[nodiscard]] formats::TfliteModel& model() { return model_; }

 private:
  const ops::Graph& graph_;
  const TfliteOptions& options_;
  formats::TfliteModel model_;
  Int8Facts facts_;
  const ops::Op* op_ = nullptr;
  std::map<ops::ValueId, std::int32_t> known_;
  FixedValues fixed_;
  RowShapes rows_;
  std::map<ops::ValueId, Affine> affine_after_;
  std::map<ops::ValueId, std::int32_t> fixed_tensors_;
  std::map<float, std::int32_t> numbers_;
  std::map<std::pair<std::vector<std::int32_t>, std::vector<std::int64_t>>, std::int32_t> integers_;
  std::map<std::string, int> taken_;
};

/// Whether an operator can apply it to its own result.
[[nodiscard]] std::optional<TfliteActivation> fused(const ops::Activation& activation);
/// The setting for an operator that is followed by finish().
[[nodiscard]] std::int8_t own_activation(const ops::Activation& activation);
/// Appends the activation where own_activation() left it out.
[[nodiscard]] std::int32_t finish(Emitter& emitter, const ops::Activation& activation, std::int32_t x);

// Each appends one op.
void emit(Emitter& emitter, const ops::Op& op, const ops::Convolution& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Pool& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::GlobalPool& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Pad& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Resize& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Crop& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Slice& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Concatenate& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Permute& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Reshape& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Dense& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::ActivationForward& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Softmax& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Binary& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::ScaleShift& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::GroupNormalization& params);

}  // namespace tflite
}  // namespace graft

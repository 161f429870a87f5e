// SPDX-License-Identifier: Apache-2.0
// The ONNX graph while ops are appended to it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "graft/extend/graph.hpp"
#include "graft/formats/onnx.hpp"
#include "graft/models/inference_graph.hpp"
#include "graft/onnx.hpp"
#include "graft/ops/permuted.hpp"

namespace graft {
inline namespace onnx {

/// Order of the axes of a value with four axes. Others have plain only.
enum class Layout {
  plain,           ///< as in graft: N, H, W, C
  channels_first,  ///< N, C, H, W, which ONNX's convolutions read
};

using Names = std::vector<std::string>;
using Attributes = std::vector<formats::OnnxAttribute>;

/// Keeps, for each value of the graph of ops, what it is called in the file: in one order of axes or in both.
/// A value is turned when an op first asks for the other order. In float16 some values stay float32; a cast
/// is added where an op needs the other type.
class Emitter {
 public:
  Emitter(const ops::Graph& graph, const OnnxOptions& options) : graph_(graph), options_(options) {}

  [[nodiscard]] const ops::Graph& graph() const { return graph_; }
  [[nodiscard]] const OnnxOptions& options() const { return options_; }
  [[nodiscard]] const Shape& shape(ops::ValueId value) const { return graph_.shape(value); }
  [[nodiscard]] bool is_image(ops::ValueId value) const { return shape(value).rank() == 4; }

  /// What follows belongs to this op; half: its numbers are float16.
  void begin(const ops::Op& op, bool half);
  [[nodiscard]] bool half() const { return half_; }

  /// Adds a node with one output, whose name it returns.
  std::string add(const std::string& op, Names inputs, Attributes attributes = {});
  /// A value as an input of the current op.
  [[nodiscard]] std::string in(ops::ValueId value, Layout layout = Layout::plain);
  /// The order in which the value is at hand; of both channels_first.
  [[nodiscard]] Layout layout_of(ops::ValueId value) const;
  /// Names an output of the current op.
  void define(ops::ValueId value, const std::string& name, Layout layout = Layout::plain);
  /// Whether the value is computed in float16.
  [[nodiscard]] bool is_half(ops::ValueId value) const;

  /// Whether the op, a convolution or Dense, multiplies 8-bit numbers.
  [[nodiscard]] bool multiplies_int8(const ops::Op& op) const { return int8_input(op) != nullptr; }
  /// The 8 bits of its input; null for others.
  [[nodiscard]] const Int8Grid* int8_input(const ops::Op& op) const;
  /// A value as an input of such a product.
  [[nodiscard]] std::string in_int8(ops::ValueId value, Layout layout = Layout::plain);
  /// The BatchNormalization that becomes part of the convolution with this output; null for others.
  [[nodiscard]] const ScaleAndShift* joined_after(ops::ValueId y) const {
    const auto found = joined_.find(y);
    return found == joined_.end() ? nullptr : &found->second;
  }
  void set_joined(std::map<ops::ValueId, ScaleAndShift> joined) { joined_ = std::move(joined); }

  /// The elements of a weight, of a constant and of what is computed from them here; else nothing.
  [[nodiscard]] std::optional<Tensor> fixed(ops::ValueId value) const { return fixed_.of(graph_, value); }
  void set_fixed(ops::ValueId value, Tensor elements) { fixed_.set(value, std::move(elements)); }

  /// A value (R, C) whose rows are all places of a value (N, ..., C): graft's products and normalisations
  /// read such rows. In the file it keeps its axes, so that the batch stays an axis of its own. Empty for
  /// others.
  [[nodiscard]] Shape rows_of(ops::ValueId value) const { return rows_.of(value); }
  void set_rows(ops::ValueId value, Shape whole) { rows_.set(value, std::move(whole)); }
  void keep_rows(const ops::Op& op) { rows_.follow(graph_, op); }

  /// Adds an initializer in the type of the current op.
  std::string constant(const Tensor& value, const std::string& name);
  /// A single number in the type of the current op.
  std::string number(float value);
  std::string integers(const std::vector<std::int64_t>& values);
  /// A text, an integer: never in the op's type.
  std::string initializer(const Tensor& value, const std::string& name);

  /// The name in the type asked for.
  std::string cast(const std::string& name, bool half);
  /// A name that nothing has yet.
  std::string unique(const std::string& wanted);
  /// Throws Error{unsupported}: the layer cannot be exported.
  [[noreturn]] void refuse(const std::string& why) const;

  [[nodiscard]] formats::OnnxModel& model() { return model_; }
  void note_half(const std::string& name, bool half) {
    if (half) half_names_.insert(name);
  }

 private:
  struct Known {
    std::string plain, channels_first;
  };
  /// Appends the rounding to a grid.
  std::string rounded(const std::string& name, const Int8Grid& grid);

  const ops::Graph& graph_;
  const OnnxOptions& options_;
  formats::OnnxModel model_;
  const ops::Op* op_ = nullptr;
  bool half_ = false;
  std::map<ops::ValueId, Known> known_;
  FixedValues fixed_;
  RowShapes rows_;
  std::map<std::tuple<ops::ValueId, Layout, bool>, std::string> fixed_names_;
  std::map<std::pair<float, bool>, std::string> numbers_;
  std::map<std::vector<std::int64_t>, std::string> integers_;
  std::map<std::pair<std::string, bool>, std::string> casts_;
  std::set<std::string> half_names_;
  std::map<ops::ValueId, ScaleAndShift> joined_;
  std::map<bool, std::string> zeros_;
  std::map<std::string, std::string> rounded_;  ///< by what was rounded for products only
  std::map<std::string, int> taken_;
};

/// Appends activation(x) and returns its name.
[[nodiscard]] std::string emit_activation(Emitter& emitter, const ops::Activation& activation, std::string x);

// Each appends one op; x and y are its first input and its output.
void emit(Emitter& emitter, const ops::Op& op, const ops::Convolution& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::ConvolutionBackwardInput& params);
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
void emit(Emitter& emitter, const ops::Op& op, const ops::MatMul& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::ActivationForward& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Softmax& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::Binary& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::BatchNormalizationScaleShift& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::ScaleShift& params);
void emit(Emitter& emitter, const ops::Op& op, const ops::GroupNormalization& params);

}  // namespace onnx
}  // namespace graft

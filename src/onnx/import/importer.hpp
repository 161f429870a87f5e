// SPDX-License-Identifier: Apache-2.0
// The graph of layers while an ONNX graph is read.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/formats/onnx.hpp"
#include "graft/json_fwd.hpp"
#include "graft/layers/layer.hpp"

namespace graft {
inline namespace onnx {

/// graft's axis i is ONNX's axis order[i].
using Order = std::vector<int>;

/// A value of the ONNX graph: fixed elements, or an output of a layer.
struct Known {
  Shape shape;                  ///< as ONNX counts the axes; -1: open, as the batch is
  std::optional<Tensor> fixed;  ///< float32 or int64; of int64 -1 stands for the batch size
  SymbolicTensor tensor;        ///< else
  Order order;                  ///< of tensor's axes. A transposition changes nothing but this
  /// Not empty: a woven value (woven.hpp). Axis i of ONNX's is these axes of tensor, the slowest first.
  std::vector<std::vector<int>> parts;
  /// Not empty: (N, K) is a flattened image of these C, H, W whose elements are in the order H, W, C.
  std::vector<std::int64_t> flat;
  /// The image of which this is the mean or maximum over height and width, and which.
  std::optional<SymbolicTensor> pooled;
  bool pooled_max = false;
  bool non_negative = false;  ///< no element is below 0: zeros around it do not change a maximum
};

/// One node as the functions that convert it see it.
class Importer {
 public:
  Importer(std::string file, std::int64_t opset) : file_(std::move(file)), opset_(opset) {}

  void begin(const formats::OnnxNode& node);
  [[nodiscard]] const formats::OnnxNode& node() const { return *node_; }
  [[nodiscard]] std::int64_t opset() const { return opset_; }
  [[nodiscard]] const std::string& file() const { return file_; }

  void define(const std::string& name, Known value) { values_.insert_or_assign(name, std::move(value)); }
  /// Whether the node has this input.
  [[nodiscard]] bool has(std::size_t input) const;
  /// The node's input. Throws Error{bad_file} where it has none.
  [[nodiscard]] const Known& in(std::size_t input) const;
  [[nodiscard]] const Known& value(const std::string& name) const;
  /// Fixed elements as float32, or as whole numbers. Throws Error{unsupported} for what is computed.
  [[nodiscard]] Tensor fixed(std::size_t input) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::size_t input) const;

  [[nodiscard]] std::int64_t integer(const char* attribute, std::int64_t fallback) const;
  [[nodiscard]] double real(const char* attribute, double fallback) const;
  [[nodiscard]] std::string text(const char* attribute, const std::string& fallback) const;
  [[nodiscard]] std::vector<std::int64_t> list(const char* attribute) const;
  /// A list that is an attribute in old opsets and an input in new ones; empty where it is neither.
  [[nodiscard]] std::vector<std::int64_t> list_or_input(const char* attribute, std::size_t input) const;
  /// The same for a number.
  [[nodiscard]] std::optional<double> number_or_input(const char* attribute, std::size_t input) const;
  /// From the first axis. Throws Error{bad_file} outside the rank.
  [[nodiscard]] int axis(std::int64_t given, std::size_t rank) const;

  /// The node's first output.
  void result(Known value);
  void result(std::size_t output, Known value);
  /// The same value with another tensor of the same axes.
  [[nodiscard]] static Known same_axes(const Known& from, SymbolicTensor tensor, bool non_negative);

  /// The tensor with its axes in this order.
  [[nodiscard]] SymbolicTensor arranged(const Known& value, const Order& order);
  /// (N, H, W, C) of an ONNX image. Throws Error{unsupported} for another rank.
  [[nodiscard]] SymbolicTensor image(const Known& value);
  /// The axes as ONNX has them.
  [[nodiscard]] SymbolicTensor plain(const Known& value);
  /// Calls a layer; Error{shape_mismatch} becomes Error{bad_file} that names the node.
  [[nodiscard]] SymbolicTensor call(const Layer& layer, const std::vector<SymbolicTensor>& inputs) const;
  /// Calls one of keras.ops on tensors and constants.
  [[nodiscard]] SymbolicTensor operation(const char* class_name, const std::vector<SymbolicTensor>& inputs,
                                         const Json& settings, const Json* arguments = nullptr);

  /// The same of one tensor and a second argument.
  [[nodiscard]] SymbolicTensor operation_with(const char* class_name, const SymbolicTensor& x,
                                              const Json& second);

  /// A name for the node's layer, from its weight's name or its own.
  [[nodiscard]] std::string layer_name(std::size_t weight_input = 1);
  /// Gives the layer its weights, in order.
  static void set_weights(const Layer& layer, const std::vector<Tensor>& weights);
  /// Throws Error{resource_limit} where constants that nodes made have too many numbers together.
  void count_constant(std::int64_t elements);
  /// A name for what is added to the node's layer.
  [[nodiscard]] std::string unique(const std::string& wanted);

  /// Throws Error{unsupported}: the operator, its node and the opset, and why.
  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... why) const {
    refuse_text(cat(why...));
  }
  /// Throws Error{bad_file}: no program could run it.
  template <typename... Parts>
  [[noreturn]] void broken(const Parts&... why) const {
    fail(ErrorKind::bad_file, file_, ": node '", node_->name, "' (", node_->op, ") ", why...);
  }

 private:
  [[noreturn]] void refuse_text(const std::string& why) const;

  std::string file_;
  std::int64_t opset_;
  const formats::OnnxNode* node_ = nullptr;
  std::map<std::string, Known> values_;
  std::map<std::string, std::string> outputs_;  ///< of nodes that were begun, and their operators
  std::set<std::string> names_;
  std::int64_t constant_elements_ = 0;
};

/// Elements of one axis: from begin on, before end, every step-th. Negative places count from the end.
struct AxisSlice {
  int axis = 0;
  std::int64_t begin = 0, end = 0, step = 1;
};
/// What a node Slice takes of a value with this number of axes. Throws for lists that do not fit and, unless
/// it may go back, for steps below 1.
[[nodiscard]] std::vector<AxisSlice> slices_of(const Importer& importer, std::size_t rank,
                                               bool may_go_back = false);

/// The same elements of an axis of this size, counted from the first: 0 <= begin, end <= size.
[[nodiscard]] AxisSlice within(const AxisSlice& slice, std::int64_t size);

/// The operator that join_nodes() makes of the nodes of a group normalisation.
inline constexpr const char* kJoinedGroups = "nodes of a group normalisation";
/// The same of x / |x|.
inline constexpr const char* kJoinedUnit = "nodes of a unit normalisation";

/// Fixed numbers that one operation may have: config.json has them as text.
inline constexpr std::int64_t kMostNumbers = std::int64_t{1} << 22;
/// Nested lists of numbers, and a range of an axis, as Keras's config has them.
[[nodiscard]] Json nested_numbers(const Tensor& values);
[[nodiscard]] Json slice_key(const Json& start, const Json& stop, const Json& step);

/// graft's order of an image.
inline const Order kImageOrder{0, 2, 3, 1};
/// 0, 1, 2, ...
[[nodiscard]] Order identity_order(std::size_t rank);

/// Computes the node where all of its inputs are fixed and it can be; false: it becomes a layer.
[[nodiscard]] bool fold_constant(Importer& importer);

/// How the nodes of an operator become layers, by the operator's name.
using Convert = void (*)(Importer& importer);
using Operators = std::map<std::string, Convert, std::less<>>;
[[nodiscard]] const Operators& window_operators();
[[nodiscard]] const Operators& resizing_operators();
[[nodiscard]] const Operators& normalization_operators();
[[nodiscard]] const Operators& shape_operators();
[[nodiscard]] const Operators& arithmetic_operators();
[[nodiscard]] const Operators& activation_operators();

}  // namespace onnx
}  // namespace graft

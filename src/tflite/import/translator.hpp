// SPDX-License-Identifier: Apache-2.0
// TensorFlow Lite's operators one by one as ONNX's. Images are turned around each sliding window; the reader
// of ONNX drops turns that undo each other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/formats/onnx.hpp"
#include "graft/formats/tflite.hpp"

namespace graft {
inline namespace tflite {

using formats::TfliteOp;
using formats::TfliteOperator;
using formats::TfliteTensor;
using Names = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

class Translator {
 public:
  Translator(const formats::TfliteModel& graph, std::string file) : graph_(graph), file_(std::move(file)) {}

  [[nodiscard]] const TfliteTensor& tensor(std::int32_t place) const {
    return graph_.tensors[static_cast<std::size_t>(place)];
  }
  /// The current operator.
  void begin(const TfliteOperator& op) { op_ = &op; }
  [[nodiscard]] const TfliteOperator& op() const { return *op_; }
  [[nodiscard]] bool has(std::size_t input) const {
    return input < op_->inputs.size() && op_->inputs[input] >= 0;
  }
  /// The tensor of an input. Throws Error{bad_file} where it is left out.
  [[nodiscard]] const TfliteTensor& in(std::size_t input) const;
  [[nodiscard]] const TfliteTensor& out() const { return tensor(op_->outputs.front()); }
  /// The value's name in the ONNX graph. Fixed elements become an initializer at their first use.
  std::string name(std::size_t input);
  std::string name_of(std::int32_t place);
  /// Fixed elements as real numbers. Throws Error{unsupported} for what is computed.
  [[nodiscard]] Tensor fixed(std::size_t input) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::size_t input) const;

  /// Adds a node and returns the name of its output.
  std::string add(const std::string& onnx_op, Names inputs,
                  std::vector<formats::OnnxAttribute> attributes = {});
  std::string constant(const Tensor& value, const std::string& wanted);
  std::string integers_of(const std::vector<std::int64_t>& values);
  std::string number(float value) { return constant(Tensor::full(Shape(), value), "number"); }
  std::string channels_first(const std::string& x);
  std::string channels_last(const std::string& x);
  /// The operator's output, after the activation that it applies itself.
  void result(std::string value);

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... why) const {
    fail(ErrorKind::unsupported, file_, ": operator ", formats::to_string(op_->op), " (", out().name, ") ",
         why...);
  }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] formats::OnnxModel& onnx() { return onnx_; }
  /// Names a value that no operator makes.
  void define(std::int32_t place, const std::string& name) { names_[place] = name; }

 private:
  std::string unique(const std::string& wanted);

  const formats::TfliteModel& graph_;
  std::string file_;
  formats::OnnxModel onnx_;
  const TfliteOperator* op_ = nullptr;
  std::map<std::int32_t, std::string> names_;
  std::map<std::string, int> taken_;
};

/// The real numbers that a tensor's elements stand for, float32. Throws Error{unsupported} for integers
/// without a scale, but int32 and int64, which are sizes.
[[nodiscard]] Tensor real_numbers(const TfliteTensor& tensor, const std::string& file);

/// Convolutions, pooling, padding. False: another operator.
bool translate_window(Translator& t);
/// Everything else. False: an operator that graft does not know.
bool translate_other(Translator& t);

}  // namespace tflite
}  // namespace graft

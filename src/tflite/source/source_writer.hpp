// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "graft/formats/tflite.hpp"

namespace graft {
inline namespace tflite {

/// The lines of predict(): a call for each operator, and where each weight begins.
class SourceWriter {
 public:
  explicit SourceWriter(const formats::TfliteModel& graph) : graph_(graph) {}

  /// Errors: Error{unsupported} for an operator that cannot be written.
  void write();
  [[nodiscard]] const std::string& body() const { return body_; }
  /// Number of float32 weights, and their tensors in order.
  [[nodiscard]] std::uint64_t weights() const { return weights_; }
  [[nodiscard]] const std::vector<Tensor>& constants() const { return constants_; }

 private:
  using Operator = formats::TfliteOperator;
  using Four = std::array<std::int64_t, 4>;

  [[nodiscard]] const formats::TfliteTensor& tensor(std::int32_t place) const {
    return graph_.tensors[static_cast<std::size_t>(place)];
  }
  [[nodiscard]] static Four four(const Shape& shape);
  [[nodiscard]] Four shape(const Operator& op, std::size_t input) const {
    return four(tensor(op.inputs[input]).shape);
  }
  [[nodiscard]] Four shape(const Operator& op) const { return four(tensor(op.outputs[0]).shape); }
  /// "{1, 7, 7, 512}"
  [[nodiscard]] static std::string text(const Four& shape);
  /// The elements of an input: "v3.data()", "k + 4096", "nullptr".
  std::string data(const Operator& op, std::size_t input);
  [[nodiscard]] std::string result(const Operator& op) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const Operator& op, std::size_t input) const;
  [[nodiscard]] std::string window(const Operator& op, std::int64_t height, std::int64_t width) const;

  void line(const std::string& call);
  void write(const Operator& op);
  bool write_window(const Operator& op);
  bool write_elementwise(const Operator& op);
  bool write_moving(const Operator& op);
  void write_fully_connected(const Operator& op);
  void write_reduction(const Operator& op, bool largest);
  void write_concatenation(const Operator& op);
  void write_pad(const Operator& op);
  /// Frees the values that no later operator reads.
  void forget(std::size_t at);

  const formats::TfliteModel& graph_;
  std::string body_;
  std::map<std::int32_t, std::uint64_t> places_;  ///< of weights
  std::vector<Tensor> constants_;
  std::uint64_t weights_ = 0;
  std::map<std::int32_t, std::size_t> last_use_;
};

}  // namespace tflite
}  // namespace graft

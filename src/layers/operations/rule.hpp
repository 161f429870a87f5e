// SPDX-License-Identifier: Apache-2.0
// What operations compute. Each rule belongs to one or several of Keras's classes of operations.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/layers/operation.hpp"

namespace graft::layers {

/// The shape and the ops of an operation. Immutable.
class OperationRule {
 public:
  OperationRule() = default;
  virtual ~OperationRule() = default;
  OperationRule(const OperationRule&) = delete;
  OperationRule& operator=(const OperationRule&) = delete;

  /// Throws Error{shape_mismatch}.
  [[nodiscard]] virtual Shape output_shape(const std::vector<Shape>& inputs) const = 0;
  [[nodiscard]] virtual ops::ValueId lower(ops::Graph& graph,
                                           const std::vector<ops::ValueId>& inputs) const = 0;
};
using RulePtr = std::unique_ptr<OperationRule>;

/// An operation as the makers of rules read it.
struct OperationReader {
  std::string_view class_name;
  const OperationCall& call;
  std::string name;

  /// An argument by its position or, where it was given so, by its name; null where absent or null.
  [[nodiscard]] const Json* argument(std::size_t position, const char* keyword) const;
  /// A setting, or the argument of the same name; null where absent or null.
  [[nodiscard]] const Json* setting(const char* key) const;
  [[nodiscard]] double number(const char* key, double fallback) const;
  [[nodiscard]] bool boolean(const char* key, bool fallback) const;
  /// One integer or several; empty where absent.
  [[nodiscard]] std::vector<std::int64_t> integers(const char* key) const;
  /// Throws Error{unsupported}: "operation 'multiply' (Multiply) WHY".
  [[noreturn]] void refuse(const std::string& why) const;
};

/// The constant that an argument is: a number, nested lists of numbers, or an array as Keras stores it;
/// nothing for anything else.
[[nodiscard]] std::optional<Tensor> constant_of(const Json& value);
/// The items of a list or of a tuple as Keras stores it; null for anything else.
[[nodiscard]] const Json* list_items(const Json& value);
/// Throws Error{shape_mismatch}: "operation 'multiply': expected ..., received ...".
[[noreturn]] void bad_shape(const std::string& operation, const std::string& expected, const Shape& received);
/// The axis counted from the first, not the batch axis. Throws Error{shape_mismatch}.
[[nodiscard]] int resolved_axis(const std::string& operation, std::int64_t axis, const Shape& shape);

// The makers; null for a class that is not theirs. They throw Error{unsupported} for arguments that they do
// not know.
[[nodiscard]] RulePtr arithmetic_rule(const OperationReader& reader);
[[nodiscard]] RulePtr elementwise_rule(const OperationReader& reader);
[[nodiscard]] RulePtr reduction_rule(const OperationReader& reader);
[[nodiscard]] RulePtr indexing_rule(const OperationReader& reader);
[[nodiscard]] RulePtr shape_rule(const OperationReader& reader);
[[nodiscard]] RulePtr product_rule(const OperationReader& reader);

}  // namespace graft::layers

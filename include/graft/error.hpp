// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#pragma GCC visibility push(default)

namespace graft {

/// The coarse kind of an error, for callers that react to it. The message has the details.
enum class ErrorKind {
  invalid_argument,  ///< an option or value outside what is allowed
  shape_mismatch,    ///< a tensor's shape or type is not the expected one
  not_found,         ///< a named file, layer, class or weight does not exist
  bad_file,          ///< a file is broken, truncated or not of the format it should be
  unsupported,       ///< well-formed, but outside what graft can do
  io,                ///< the operating system refused to read or write
  resource_limit,    ///< more memory, pixels or nesting than allowed
  numeric,           ///< a loss or weight became NaN or infinite
  interrupted,       ///< the user asked to stop before anything could be kept
  internal,          ///< a defect in graft: please report it
};

/// The kind's name as written in the enumeration, for messages and JSON.
[[nodiscard]] std::string_view to_string(ErrorKind kind);

/// The one exception type that graft throws. The message names the thing, what was expected, what was
/// received, and what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string option = {})
      : std::runtime_error(message), kind_(kind), option_(std::move(option)) {}

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

  /// The field of an options struct that the error is about, as written in C++ ("budget", "batch_size");
  /// empty for other errors. A program can report its own name for it, e.g. "--batch-size".
  [[nodiscard]] const std::string& option() const noexcept { return option_; }

 private:
  ErrorKind kind_;
  std::string option_;
};

}  // namespace graft

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace graft {

/// What went wrong, coarsely: what a caller may want to react to. The message says the rest.
enum class ErrorKind {
  invalid_argument,  ///< an option or value outside what is allowed
  shape_mismatch,    ///< a tensor's shape or type is not the expected one
  not_found,         ///< a file, layer, class or weight that was named is not there
  bad_file,          ///< a file is broken, truncated or not of the format it should be
  unsupported,       ///< well-formed, but outside what graft can do
  io,                ///< the operating system refused to read or write
  resource_limit,    ///< more memory, pixels or nesting than allowed
  numeric,           ///< a loss or weight became NaN or infinite
  interrupted,       ///< the user asked to stop before anything could be kept
  internal,          ///< a broken promise inside graft: please report it
};

/// The kind's name as written in the enumeration, for messages and JSON.
[[nodiscard]] std::string_view to_string(ErrorKind kind);

/// The one exception type that graft throws. The message names the thing, what was expected, what came, and
/// what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// Joins anything printable into one string: cat("expected ", 3, ", received ", shape).
template <typename... Parts>
[[nodiscard]] std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// Throws Error(kind) with the parts joined by cat().
template <typename... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, cat(parts...));
}

}  // namespace graft

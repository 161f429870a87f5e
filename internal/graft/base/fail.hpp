// SPDX-License-Identifier: Apache-2.0
// How graft's own sources throw Error. Not installed: `cat` and `fail` would collide with names of users.
#pragma once

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "graft/error.hpp"

namespace graft {

namespace detail {

/// One argument of cat(): one function joins values of all types.
class Part {
 public:
  // NOLINTBEGIN(google-explicit-constructor): converts from each argument of cat()
  // NOLINTBEGIN(cppcoreguidelines-pro-type-member-init): each sets one member of the union
  Part(std::string_view text) : kind_(Kind::text), text_(text) {}
  Part(const std::string& text) : Part(std::string_view(text)) {}
  Part(const char* text) : Part(std::string_view(text)) {}
  Part(char letter) : kind_(Kind::letter), letter_(letter) {}
  template <std::floating_point Number>
  Part(Number number) : kind_(Kind::real), real_(static_cast<double>(number)) {}
  template <std::signed_integral Number>
  Part(Number number) : kind_(Kind::whole), whole_(number) {}
  template <std::unsigned_integral Number>
  Part(Number number) : kind_(Kind::natural), natural_(number) {}
  /// Any other type, printed by its operator<<.
  template <typename Value>
  requires(!std::is_arithmetic_v<Value> && !std::is_convertible_v<const Value&, std::string_view>)
      Part(const Value& value)
      : kind_(Kind::other), other_{&value, &print<Value>} {}
  // NOLINTEND(cppcoreguidelines-pro-type-member-init)
  // NOLINTEND(google-explicit-constructor)

  void append_to(std::string& text) const;

 private:
  enum class Kind { text, letter, real, whole, natural, other };
  struct Other {
    const void* value;
    void (*print)(std::ostream& out, const void* value);
  };
  template <typename Value>
  static void print(std::ostream& out, const void* value) {
    out << *static_cast<const Value*>(value);
  }

  Kind kind_;
  union {
    // NOLINTBEGIN(readability-identifier-naming): they are private, which is not seen in a union
    std::string_view text_;
    char letter_;
    double real_;
    long long whole_;
    unsigned long long natural_;
    Other other_;
    // NOLINTEND(readability-identifier-naming)
  };
};

[[nodiscard]] std::string join(std::initializer_list<Part> parts);
[[noreturn]] void throw_error(ErrorKind kind, std::initializer_list<Part> parts, std::string option = {});

}  // namespace detail

/// Joins anything printable into one string: cat("expected ", 3, ", received ", shape).
template <typename... Parts>
[[nodiscard]] std::string cat(const Parts&... parts) {
  return detail::join({detail::Part(parts)...});
}

/// Throws Error(kind) with the parts joined by cat().
template <typename... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  detail::throw_error(kind, {detail::Part(parts)...});
}

/// Throws Error(kind) about the options field `option`; the message is the parts joined by cat(). A message
/// that names the option writes it as in C++: fail_option(kind, "budget", "budget must be positive, received
/// ", budget).
template <typename... Parts>
[[noreturn]] void fail_option(ErrorKind kind, const std::string& option, const Parts&... parts) {
  detail::throw_error(kind, {detail::Part(parts)...}, option);
}

}  // namespace graft

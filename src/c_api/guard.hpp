// SPDX-License-Identifier: Apache-2.0
// The border between C++ and C: every function of graft.h does its work inside guarded().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>

#include "graft/error.hpp"
#include "graft/graft.h"

namespace graft::c_api {

/// The status of a kind of error.
[[nodiscard]] graft_status status_of(ErrorKind kind);

/// Inside a catch block: makes an error object of the exception, where one is wanted (error is not null).
/// Returns its status.
[[nodiscard]] graft_status report_exception(graft_error** error) noexcept;

/// Calls body(); no exception leaves it.
template <typename Body>
graft_status guarded(graft_error** error, const Body& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    body();
    return GRAFT_OK;
  } catch (...) {
    return report_exception(error);
  }
}

/// The same for a function with a result, which is null unless body() sets it. Error{invalid_argument} where
/// the caller has no place for it.
template <typename Handle, typename Body>
graft_status guarded_result(Handle** result, graft_error** error, const Body& body) noexcept {
  if (result != nullptr) *result = nullptr;
  return guarded(error, [&] {
    if (result == nullptr) {
      throw Error(ErrorKind::invalid_argument,
                  "result: expected the address of a pointer that receives it, received NULL");
    }
    *result = body().release();
  });
}

/// An argument that may not be null. Error{invalid_argument} naming it.
[[noreturn]] void fail_null(const char* name);
template <typename Value>
Value& required(Value* argument, const char* name) {
  if (argument == nullptr) fail_null(name);
  return *argument;
}
[[nodiscard]] inline const char* required_text(const char* text, const char* name) {
  return &required(text, name);
}
/// A text that may be null, which is empty then.
[[nodiscard]] inline std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }
/// Bytes in the caller's memory. Error{invalid_argument} for null and for none.
[[nodiscard]] std::span<const std::byte> bytes_of(const void* bytes, std::size_t length, const char* name);
/// 0 and 1. Error{invalid_argument} for another number, naming the option.
[[nodiscard]] bool flag(std::int64_t value, const char* option);
/// A number from 1 on; 0 stays 0. Error{invalid_argument} for another one, naming the option.
[[nodiscard]] std::int64_t count_or_zero(std::int64_t value, const char* option,
                                         std::int64_t most = std::int64_t{1} << 31);

/// Throws Error{invalid_argument} unless `given` bytes are at least those that every version has, `least`.
void check_size(std::size_t given, std::size_t least, const char* name);
/// Throws Error{unsupported} where a byte beyond those that this version knows is not 0.
void check_unknown_bytes(const void* given, std::size_t known, std::size_t size, const char* name);

/// The caller's struct, which begins with its size, as this version has it: what an older one lacks is 0, and
/// what a newer one has besides must be 0. Null, where it may be: all 0.
template <typename Struct>
Struct read_struct(const Struct* given, const char* name) {
  Struct result{};
  if (given == nullptr) return result;
  const std::size_t size = given->size;
  check_size(size, sizeof(Struct), name);  // there is one version so far
  check_unknown_bytes(given, sizeof(Struct), size, name);
  std::memcpy(&result, given, std::min(size, sizeof(Struct)));
  return result;
}

/// Writes what the caller's struct has room for, and leaves its size as it is.
template <typename Struct>
void write_struct(Struct value, Struct* to, const char* name) {
  const std::size_t size = required(to, name).size;
  check_size(size, sizeof(Struct), name);
  value.size = size;
  std::memcpy(to, &value, std::min(size, sizeof(Struct)));
}

}  // namespace graft::c_api

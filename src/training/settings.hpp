// SPDX-License-Identifier: Apache-2.0
// Reading Keras's configs of optimizers, schedules, losses and metrics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

namespace graft::training {

/// A config with typed access; an absent key or null gives the fallback; complaints name owner and key and
/// are Error{bad_file}. Refers to the json, which must outlive it.
class Settings {
 public:
  /// owner: whose config it is, for messages: "optimizer Adam".
  Settings(const Json& config, std::string owner) : config_(config), owner_(std::move(owner)) {}

  [[nodiscard]] double number(const char* key, double fallback) const;
  [[nodiscard]] std::optional<double> optional_number(const char* key) const;
  [[nodiscard]] std::int64_t integer(const char* key, std::int64_t fallback) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(const char* key) const;
  [[nodiscard]] bool boolean(const char* key, bool fallback) const;
  [[nodiscard]] std::string text(const char* key, const std::string& fallback) const;
  [[nodiscard]] std::vector<double> numbers(const char* key) const;
  /// Null where absent.
  [[nodiscard]] const Json* find(const char* key) const;
  [[nodiscard]] const std::string& owner() const { return owner_; }

 private:
  [[noreturn]] void wrong(const char* key, const char* expected) const;
  const Json& config_;
  std::string owner_;
};

/// The class name and config of Keras's serialised form {"class_name": ..., "config": {...}}; what names it
/// in messages. Throws Error{bad_file}.
struct Serialised {
  std::string class_name;
  Json config;
};
[[nodiscard]] Serialised read_serialised(const Json& json, const char* what);
/// The reverse.
[[nodiscard]] Json write_serialised(const char* module, const std::string& class_name, Json config);

/// null for nothing.
template <typename T>
[[nodiscard]] Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace graft::training

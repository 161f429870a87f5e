// SPDX-License-Identifier: Apache-2.0
// What public headers need of JSON: its name, and a holder for members. Sources that look inside a value
// include graft/base/json.hpp, which takes a second to compile.
#pragma once

#include <memory>

#include <nlohmann/json_fwd.hpp>

#pragma GCC visibility push(default)

namespace graft {

/// JSON value that keeps the order of its keys, as Keras's config files do.
using Json = nlohmann::ordered_json;

/// A Json as a member of a struct whose header only declares Json. Has value semantics: copies are deep. A
/// moved-from holder may only be assigned or destroyed. Threads: as Json.
class JsonValue {
 public:
  JsonValue();  ///< null
  // NOLINTBEGIN(google-explicit-constructor): it stands for a Json
  JsonValue(const Json& value);
  JsonValue(Json&& value);
  JsonValue(std::nullptr_t) : JsonValue() {}
  operator const Json&() const { return *value_; }
  // NOLINTEND(google-explicit-constructor)
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

  [[nodiscard]] static JsonValue object();
  [[nodiscard]] const Json& operator*() const { return *value_; }
  [[nodiscard]] Json& operator*() { return *value_; }
  [[nodiscard]] const Json* operator->() const { return value_.get(); }
  [[nodiscard]] Json* operator->() { return value_.get(); }

 private:
  std::unique_ptr<Json> value_;
};

}  // namespace graft

#pragma GCC visibility pop

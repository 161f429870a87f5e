// SPDX-License-Identifier: Apache-2.0
// What public headers need of JSON: its name, and a holder for members. Sources that look inside a value
// include graft/base/json.hpp, which needs a second to compile.
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
  JsonValue(const Json& value);                     ///< a copy of value
  JsonValue(Json&& value);                          ///< takes over value without a copy
  JsonValue(std::nullptr_t) : JsonValue() {}        ///< null
  operator const Json&() const { return *value_; }  ///< the value held, where a Json is expected
  // NOLINTEND(google-explicit-constructor)
  JsonValue(const JsonValue& other);      ///< a deep copy
  JsonValue(JsonValue&& other) noexcept;  ///< other may then only be assigned or destroyed
  JsonValue& operator=(const JsonValue& other);
  JsonValue& operator=(JsonValue&& other) noexcept;
  ~JsonValue();

  /// An object without keys: {}.
  [[nodiscard]] static JsonValue object();
  /// The value held; valid as long as the holder is neither assigned, moved from nor destroyed.
  [[nodiscard]] const Json& operator*() const { return *value_; }
  /// The same for changing it.
  [[nodiscard]] Json& operator*() { return *value_; }
  /// A member of the value held. Needs the complete type Json.
  [[nodiscard]] const Json* operator->() const { return value_.get(); }
  /// The same for changing it.
  [[nodiscard]] Json* operator->() { return value_.get(); }

 private:
  std::unique_ptr<Json> value_;
};

}  // namespace graft

#pragma GCC visibility pop

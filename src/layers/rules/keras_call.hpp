// SPDX-License-Identifier: Apache-2.0
// A small Keras object with settings (an initializer, a regularizer, a constraint), which graft's options
// write as the call that makes it: "random_normal(0,0.02)", "l2(0.0001)", "max_norm(2,axis=[0,1,2])".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/json.hpp"

namespace graft::layers {

/// One argument of Keras's constructor. The kind of its value follows from its default: a number, one
/// of some words, or with null an integer or nothing; Keras's axis is an integer or a list of them.
struct KerasParameter {
  std::string name;
  Json fallback;
  std::vector<std::string> words{};
};

/// One of Keras's classes: its name in calls and in configs.
struct KerasClass {
  std::string call_name;   ///< "random_normal"
  std::string class_name;  ///< "RandomNormal"
  std::vector<KerasParameter> parameters{};
};

/// The classes of one kind.
struct KerasKind {
  std::string what;    ///< "initializer", for messages
  std::string module;  ///< "keras.initializers"
  std::vector<KerasClass> classes;
};
[[nodiscard]] const KerasKind& initializers();
[[nodiscard]] const KerasKind& regularizers();
[[nodiscard]] const KerasKind& constraints();

/// A call taken apart: the class and all of its settings by name.
struct KerasCall {
  std::string class_name;
  Json settings = Json::object();

  [[nodiscard]] double number(const char* key) const { return settings.at(key).get<double>(); }
  [[nodiscard]] std::string word(const char* key) const { return settings.at(key).get<std::string>(); }
  /// An axis or a list of them.
  [[nodiscard]] std::vector<int> axes(const char* key = "axis") const;
};

/// Throws Error{unsupported} for a class, a setting or a value that Keras has not, naming what there is.
[[nodiscard]] KerasCall parse_call(const KerasKind& kind, const std::string& text);
/// The call for a name or serialised object out of a Keras config; nothing for a class that graft does not
/// know. Throws Error{unsupported} for settings that Keras has not.
[[nodiscard]] std::optional<std::string> call_from_json(const KerasKind& kind, const Json& json);
/// The reverse, as keras.saving.serialize_keras_object writes it.
[[nodiscard]] Json call_json(const KerasKind& kind, const std::string& text);

/// An initializer in Keras's config: a name, or an object if it has settings.
[[nodiscard]] Json initializer_json(const std::string& initializer);

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "graft/layers/layer.hpp"

namespace graft::layers {

/// One of graft's classes of layers.
struct LayerClass {
  std::string_view class_name;  ///< Keras's
  /// The layer that a Keras config describes. Throws Error{bad_file} or Error{unsupported} naming layer and
  /// key.
  Layer (*from_config)(const Json& config);
  /// A Markdown table of its options: name, type, default.
  std::string (*reference)();
};

/// Graft's own classes, sorted by name. Nested models are not among them: models/ reads them.
[[nodiscard]] std::span<const LayerClass> registry();

/// Whether from_config() knows a class by its class name, or by the registered name of a class from
/// register_layer(): "package>Name". Threads: any.
[[nodiscard]] bool is_known(std::string_view name);
/// "package>Name" of a class from register_layer(), by its class name; empty for another.
[[nodiscard]] std::string registered_name(std::string_view class_name);

/// Why a class is not known and what to do, to be put after its name.
[[nodiscard]] std::string_view why_unknown(std::string_view class_name);

/// The layer that a Keras config describes, of a class that is_known(). Throws Error{unsupported} naming
/// class and layer for another. Threads: any.
[[nodiscard]] Layer from_config(std::string_view class_name, const Json& config);

}  // namespace graft::layers

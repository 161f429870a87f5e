// SPDX-License-Identifier: Apache-2.0
// Keras's serialised form of optimizers, schedules, losses and metrics.
#pragma once

#include <span>
#include <string>

#include "graft/base/config_reader.hpp"
#include "graft/base/fields.hpp"
#include "graft/base/json.hpp"

namespace graft::training {

/// The class name and config of {"class_name": ..., "config": {...}}.
struct Serialised {
  std::string class_name;
  Json config;
};
/// what: the kind of object, for messages. Throws Error{bad_file}.
[[nodiscard]] Serialised read_serialised(const Json& json, const char* what);
/// The reverse.
[[nodiscard]] Json write_serialised(const char* module, const std::string& class_name, Json config);

/// An object of one of graft's classes: its options from the config, the rest as `make` does.
template <auto kMake, const auto& kFields>
[[nodiscard]] auto read_object(const ConfigReader& reader) {
  return kMake(read_options(kFields, reader));
}

}  // namespace graft::training

// SPDX-License-Identifier: Apache-2.0
// Configs as Keras's older whole-model .h5 files hold them, from and to those of .keras files.
#pragma once

#include "graft/base/json.hpp"

namespace graft {
inline namespace saving {

/// The model's config as the attribute model_config has it: class names and configs without modules, nested
/// models included (keras/src/legacy/saving/saving_utils.py).
[[nodiscard]] Json legacy_config(const Json& config);

/// compile_config of a .keras file as the attribute training_config, in which the optimizer is written as
/// optimizer_config, and back.
[[nodiscard]] Json training_config(const Json& compile_config);
[[nodiscard]] Json compile_config(const Json& training_config);

/// Keras 2's "hard_sigmoid" is another function than Keras 3's: throws Error{unsupported} naming the first
/// layer of a Keras 2 model that has it. version: that of the Keras that wrote the config, "2.15.0"; place:
/// the file.
void refuse_keras2_functions(const Json& config, const std::string& version, const std::string& place);

}  // namespace saving
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js's layers format, which Teachable Machine exports too.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "graft/formats/tfjs.hpp"
#include "graft/saving.hpp"

namespace graft {
inline namespace saving {

/// Whether the file is a model.json with weights beside it, rather than Keras's to_json().
[[nodiscard]] bool is_tfjs_model(const std::filesystem::path& path);
[[nodiscard]] LoadedModel load_tfjs(const std::filesystem::path& path);
/// The model's layers and weights as the file has them. extra: texts for userDefinedMetadata. compile() is
/// not kept. path: for messages.
[[nodiscard]] formats::TfjsModel tfjs_content(const Model& model, const std::filesystem::path& path,
                                              const std::map<std::string, std::string>& extra);

}  // namespace saving
}  // namespace graft

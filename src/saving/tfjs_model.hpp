// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js's layers format, which Teachable Machine exports too.
#pragma once

#include <filesystem>

#include "graft/saving.hpp"

namespace graft {
inline namespace saving {

/// Whether the file is a model.json with weights beside it, rather than Keras's to_json().
[[nodiscard]] bool is_tfjs_model(const std::filesystem::path& path);
[[nodiscard]] LoadedModel load_tfjs(const std::filesystem::path& path);
/// Further entries are kept in userDefinedMetadata; compile() is not kept.
void save_tfjs(const Model& model, const std::filesystem::path& path, const SaveOptions& options);

}  // namespace saving
}  // namespace graft

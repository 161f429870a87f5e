// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace graft::formats {

/// What a folder is that holds another program's model, and what to do, for a message: "a TensorFlow
/// SavedModel, which graft does not read; ..."; empty for other folders.
[[nodiscard]] std::string foreign_folder(const std::filesystem::path& folder);

}  // namespace graft::formats

// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js in Node: a second opinion on a file for pages.
#pragma once

#include <filesystem>
#include <string>

#include "graft/formats/outside_engine.hpp"
#include "graft/tensor.hpp"

namespace graft::formats {

/// Installs npm's @tensorflow/tfjs of this version in the folder, unless it has it. No script of a package
/// runs. Errors: Error{not_found} without npm; Error{unsupported} with npm's last words.
void install_tfjs(const std::filesystem::path& folder, const std::string& version);

/// Runs a layers model on a batch, on the CPU in plain JavaScript. packages: a folder that has
/// @tensorflow/tfjs in node_modules. Files in between are written to `folder`. Errors: as run_engine().
[[nodiscard]] EngineAnswer run_tfjs(const std::filesystem::path& file, const Tensor& batch,
                                    const std::filesystem::path& packages,
                                    const std::filesystem::path& folder);

}  // namespace graft::formats

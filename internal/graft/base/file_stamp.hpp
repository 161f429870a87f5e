// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace graft {

/// Identifies a state of a file without reading it: changes when the file is written or replaced. Empty:
/// there is none.
[[nodiscard]] std::string file_stamp(const std::filesystem::path& file);

}  // namespace graft

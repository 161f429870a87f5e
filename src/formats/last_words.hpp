// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace graft::formats {

/// The end of what a program wrote, on one line.
[[nodiscard]] std::string last_words(const std::filesystem::path& log);

}  // namespace graft::formats

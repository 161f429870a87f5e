// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace graft {
inline namespace classify {

/// The content of a file beside a model; empty where there is none, or it has more than `most` bytes.
[[nodiscard]] std::string small_file(const std::filesystem::path& file, std::uintmax_t most);

}  // namespace classify
}  // namespace graft

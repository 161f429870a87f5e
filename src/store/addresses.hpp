// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "graft/weights_store.hpp"

namespace graft {
inline namespace store {

/// What GRAFT_WEIGHTS_MIRROR names, separated by spaces: addresses and folders.
[[nodiscard]] std::vector<std::string> mirrors();
[[nodiscard]] bool is_address(std::string_view text);
/// Of an address or a folder.
[[nodiscard]] std::string without_last_slashes(std::string text);
/// The first line of a small file; empty where it cannot be read.
[[nodiscard]] std::string first_line(const std::filesystem::path& path);
/// "58.9 MB" of 10^6 bytes.
[[nodiscard]] std::string megabytes_text(std::uint64_t bytes);

}  // namespace store
}  // namespace graft

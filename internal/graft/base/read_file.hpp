// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace graft {

/// The bytes of a file. Throws Error{not_found} where there is none, Error{bad_file} where it has more than
/// `most` bytes, and Error{io} where it cannot be read; each names the file.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::uintmax_t most);

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// What a result folder remembers of the photos of each round: its rounds.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// Tells files with other content apart, whatever their names: size and a hash of both ends. Empty for a file
/// that cannot be read.
[[nodiscard]] std::string photo_print(const std::filesystem::path& file);
/// Of many, by threads.
[[nodiscard]] std::vector<std::string> photo_prints(const std::vector<std::filesystem::path>& files);

/// The result folder that RoundRecipe::from names: itself, or the folder of the model file.
[[nodiscard]] std::filesystem::path rounds_folder(const std::filesystem::path& from);
/// The rounds so far, from a folder's rounds.json; none where it has no such file. Throws Error{bad_file}.
[[nodiscard]] std::vector<RoundRecord> read_rounds(const std::filesystem::path& folder);
/// As in rounds.json.
[[nodiscard]] Json rounds_json(const std::vector<RoundRecord>& rounds);

}  // namespace transfer
}  // namespace graft

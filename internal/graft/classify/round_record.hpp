// SPDX-License-Identifier: Apache-2.0
// What a result folder remembers of the photos of each round: its rounds.json. Training reads and writes it;
// evaluation reads it to name the photos that a model was made with.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft {
inline namespace classify {

/// Tells files with other content apart, whatever their names: size and a hash of both ends. Empty for a file
/// that cannot be read.
[[nodiscard]] std::string photo_print(const std::filesystem::path& file);
/// Of many, by threads.
[[nodiscard]] std::vector<std::string> photo_prints(const std::vector<std::filesystem::path>& files);

/// The result folder that RoundRecipe::from names: itself, or the folder of the model file.
[[nodiscard]] std::filesystem::path rounds_folder(const std::filesystem::path& from);
/// The rounds so far, from a folder's rounds.json; none where it has no such file. Throws Error{bad_file}.
[[nodiscard]] std::vector<RoundRecord> read_rounds(const std::filesystem::path& folder);
/// The part of each photo, by its print: of one that was in several parts the one that matters most for what
/// its answer is worth, train before validation before test.
[[nodiscard]] std::map<std::string, Part> parts_by_print(const std::vector<RoundRecord>& rounds);
/// As in rounds.json.
[[nodiscard]] Json rounds_json(const std::vector<RoundRecord>& rounds);

}  // namespace classify
}  // namespace graft

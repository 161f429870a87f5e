// SPDX-License-Identifier: Apache-2.0
// What a result folder remembers of the photos of each round: its rounds.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/recipes.hpp"

namespace graft::inline transfer {

enum class Part { train, validation, test };

/// A photo of an earlier round.
struct KnownPhoto {
  std::filesystem::path file;
  std::string class_name;
  std::string print;  ///< of its content: photo_print()
  Part part = Part::train;
};

struct RoundRecord {
  std::string photos;  ///< the folder it was trained on
  std::vector<std::string> classes;
  double test_accuracy = 0;
  std::vector<KnownPhoto> known;
};

/// Tells files with other content apart, whatever their names: size and a hash of both ends. Empty for a file
/// that cannot be read.
[[nodiscard]] std::string photo_print(const std::filesystem::path& file);
/// Of many, by threads.
[[nodiscard]] std::vector<std::string> photo_prints(const std::vector<std::filesystem::path>& files);

/// The result folder that RoundOptions::from means: itself, or the folder of the model file.
[[nodiscard]] std::filesystem::path rounds_folder(const std::filesystem::path& from);
/// The rounds so far, from a folder's rounds.json; none where it has no such file. Throws Error{bad_file}.
[[nodiscard]] std::vector<RoundRecord> read_rounds(const std::filesystem::path& folder);
[[nodiscard]] Json rounds_json(const std::vector<RoundRecord>& rounds);

/// The options as settings.json keeps them.
[[nodiscard]] Json rounds_settings(const RoundOptions& options);

}  // namespace graft::inline transfer

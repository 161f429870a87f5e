// SPDX-License-Identifier: Apache-2.0
// Training in rounds: a model continues with a growing collection of photos, and what it forgets is measured.
//
// Each result folder keeps, beside model.keras, a rounds.json: one entry a round with the folder it was
// trained on, its classes, its test accuracy and its photos by part (train, validation, test), each with a
// print of its content. A later round takes the entries over and adds its own. A photo keeps the part that it
// had in an earlier round, whatever its name is now, so that no test photo was trained on before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#pragma GCC visibility push(default)

namespace graft::transfer {

struct TrainOptions;

/// The file in a result folder that holds the chain of rounds.
inline constexpr const char* kRoundsFile = "rounds.json";

/// How a run continues an earlier one.
struct RoundOptions {
  /// The earlier result folder, or a model file with class names; empty: there was no earlier round.
  std::filesystem::path from;
  /// Folders, one sub-folder a class, from which photos are rehearsed. Empty, with rehearse_per_class: the
  /// photos that the earlier rounds were trained on, where they are still there.
  std::vector<std::filesystem::path> rehearse_folders;
  /// Photos of each class that are rehearsed, at most; unset: none, or with folders all of them.
  std::optional<std::int64_t> rehearse_per_class;
  /// Adam's for Recipe::network and for continuing with Recipe::tutorial; 0: 1e-3 and 1e-5.
  double learning_rate = 0;

  [[nodiscard]] bool rehearses() const { return rehearse_per_class || !rehearse_folders.empty(); }
};

/// Copies the options of an earlier run, from the settings.json beside its model: model, recipe,
/// precision, batch size, epochs, seed, EXIF. Without that file (only a model file): only the recipe,
/// which is `head` for a frozen model under a trained classifier and `network` for any other. Also sets
/// options.rounds.from. Errors: Error{not_found}; Error{bad_file} for broken settings; as saving::load_model.
void take_settings_over(const std::filesystem::path& from, TrainOptions& options);

/// True where options.model names the user's own model file (.keras, .h5, .hdf5, or .json: a config as
/// Keras's model.to_json() writes it) and no architecture.
[[nodiscard]] bool is_network_file(const TrainOptions& options);

/// Copies what a result folder knows of its rounds (rounds.json, settings.json) to another folder that got a
/// rebuilt model. Nothing where there is none, or where the other folder has its own. Throws Error{io}.
void carry_rounds(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace graft::transfer

#pragma GCC visibility pop

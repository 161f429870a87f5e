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
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace graft::transfer {

struct TrainOptions;

/// The file in a result folder that holds the chain of rounds.
inline constexpr const char* kRoundsFile = "rounds.json";

/// Names of recipes, as in settings.json and on the command line.
enum class RecipeName {
  automatic,  ///< "auto"
  head,       ///< "head"
  tutorial,   ///< "tutorial"
  network,    ///< "network"
};
/// "auto", "head", "tutorial", "network".
[[nodiscard]] std::string_view to_string(RecipeName name);

/// Continues an earlier round with its model and classes.
struct RoundRecipe {
  /// The earlier result folder, or a model file with class names.
  std::filesystem::path from{};
  /// How the model was trained. automatic and head: its head is solved again, near the old one; tutorial and
  /// network, and automatic where TrainOptions::model is a model file: all that is trainable, by gradient.
  RecipeName recipe = RecipeName::automatic;
  /// Folders, one sub-folder per class, from which photos are rehearsed. Empty, with rehearse_per_class: the
  /// photos that the earlier rounds were trained on, where they still exist.
  std::vector<std::filesystem::path> rehearse_folders{};
  /// Photos of each class that are rehearsed, at most; unset: none, or with folders all of them.
  std::optional<std::int64_t> rehearse_per_class{};
  int views = 2;             ///< of each training photo, where a head is solved: see AutomaticRecipe::views
  std::int64_t epochs = 10;  ///< by gradient, at most
  double learning_rate = 0;  ///< Adam's, by gradient; 0: 1e-3, or 1e-5 after the tutorial
  /// By gradient: layers that stay frozen, a pattern of models::FreezeOptions::names, and the first layer
  /// that trains, its index or name. Both empty: the layers that are frozen in the model.
  std::string freeze{}, fine_tune_from{};

  /// True where photos of earlier rounds are trained on again.
  [[nodiscard]] bool rehearses() const { return rehearse_per_class || !rehearse_folders.empty(); }
};

/// Part of a data set.
enum class Part { train, validation, test };

/// A photo of a round.
struct KnownPhoto {
  std::filesystem::path file;  ///< absolute
  std::string class_name;      ///< name of its class
  std::string print;           ///< of its content; empty: the file could not be read
  Part part = Part::train;     ///< part that it had in that round
};

/// What rounds.json records of one round.
struct RoundRecord {
  std::string photos;                ///< the folder that was trained on
  std::vector<std::string> classes;  ///< in the order of the model's outputs
  double test_accuracy = 0;          ///< fraction of 1
  std::vector<KnownPhoto> known;     ///< all photos of the round
};

/// Accuracy of the new model on the test photos of one round.
struct RoundScore {
  std::size_t round = 0;                    ///< from 1; the last one is the new round
  std::string photos;                       ///< folder of the round
  std::size_t test_photos = 0;              ///< number of test photos that still exist
  std::optional<std::size_t> missing{};     ///< number of those that do not; unset: the new round
  std::optional<double> accuracy_then{};    ///< at the end of that round; unset: the new round
  std::optional<double> accuracy_before{};  ///< before this training; unset: no test photo is left
  std::optional<double> accuracy{};         ///< after this training; unset: no test photo is left
};

/// Copies the options of an earlier run from the settings.json beside its model: model, precision, batch
/// size, seed, EXIF, JPEG decoding. Sets options.recipe to a RoundRecipe with the earlier recipe's name,
/// epochs, views and learning rate. Without that file (only a model file) the recipe is `head` for a frozen
/// model under a trained classifier and `network` for any other. Errors: Error{not_found}; Error{bad_file}
/// for broken settings; as saving::load_model.
void take_settings_over(const std::filesystem::path& from, TrainOptions& options);

/// True where options.model names the user's own model file (.keras, .h5, .hdf5, or .json: a config as
/// Keras's model.to_json() writes it) and no architecture.
[[nodiscard]] bool is_network_file(const TrainOptions& options);

/// Copies what a result folder knows of its rounds (rounds.json, settings.json) to another folder that got a
/// rebuilt model. Nothing where there is none, or where the other folder has its own. Throws Error{io}.
void carry_rounds(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace graft::transfer

#pragma GCC visibility pop

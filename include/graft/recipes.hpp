// SPDX-License-Identifier: Apache-2.0
// How a classifier is trained on photos: tuning, evaluation, heads, later rounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/heads.hpp"
#include "graft/json_fwd.hpp"
#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::inline transfer {

/// How much of a pretrained network is trained.
enum class Strategy {
  freeze_base,       ///< nothing of it: only a new head
  freeze_part,       ///< the layers after a frontier
  train_everything,  ///< all of it
};
/// "freeze the whole base", "freeze part", "train everything".
[[nodiscard]] std::string_view to_string(Strategy strategy);

// Settings of fine-tuning beyond Keras's tutorial.

struct TuningOptions {
  /// Tutorial: layers of the base that stay frozen while it is fine-tuned, beside those before
  /// fine_tune_from: a pattern of models::FreezeOptions::names. Empty: none.
  std::string freeze{};
  /// Tutorial: the learning rate of each trainable layer of the base, as a multiple of the next one's; 1: all
  /// equal.
  double layer_decay = 1;
  /// Tutorial: number of groups in which layers of the base begin to train, the last first; 0 and 1: all at
  /// once.
  std::int64_t unfreeze_groups = 0;
  double l2_sp = 0;  ///< tutorial: L2-SP's alpha for the base's weights; 0: none
  /// Tutorial: what photos undergo while training, names with commas between: none, flip, light, strong (one
  /// of them; default: flip and rotation as in Keras's tutorial), mixup, cutmix, erasing, randaugment.
  std::string augment = "default";
  /// After training: a temperature for the probabilities, found on the validation photos and put into the
  /// last layer's weights, so that Keras has the same output.
  bool calibrate = false;
};

/// As in settings.json.
[[nodiscard]] Json tuning_json(const TuningOptions& options);

/// What TuningOptions::augment specifies: layers of the model, raw RGB 0..255 at their input, and changes of
/// batches.
struct Augment {
  std::vector<Layer> layers;
  std::vector<data::AugmentationPtr> batches;
  bool mixes_labels = false;
};
/// Throws Error{invalid_argument} listing the names there are.
[[nodiscard]] Augment augment_from_names(const std::string& names);

/// What to do with photos that occur twice, or nearly so (data::find_similar).
enum class Duplicates {
  report,  ///< reported before training; graft's own split keeps them in one part
  drop,    ///< training keeps one of each, and none that the test or validation folder has
  ignore,  ///< not looked for
};

/// How train() divides the photos and how often it measures.
struct EvaluationOptions {
  Duplicates duplicates = Duplicates::report;
  /// Photos of one group are never in two parts. "parent-folder": the folder that contains the photo;
  /// "prefix": its name up to the last _ or -; else a regular expression (ECMAScript) that is searched for in
  /// the path below the photos' folder: its first group, or without one what it matches, names the photo's
  /// group. Photos that it does not match have no group. Empty: no groups.
  std::string group_by;
  /// The recipe is also trained and tested on this many stratified (and grouped) folds; 0: not.
  std::size_t folds = 0;
  /// Number of seeds in total: the recipe is also trained with the seeds that follow, each with its own
  /// split.
  std::size_t seeds = 1;
};

/// Which classical head train() puts on the frozen base.
struct ClassicalHead {
  /// Empty: the recipe's own head. One: that one, its settings chosen by cross-validation on the training
  /// photos. Several: compared with one another as well.
  std::vector<HeadKind> kinds;
  std::optional<double> c, gamma;          ///< fixed rather than chosen
  std::optional<std::int64_t> neighbours;  ///< fixed rather than chosen
  std::size_t folds = 5;                   ///< of that cross-validation
  /// Of the heads logistic, linear_svm and rbf_svm, and of the tutorial recipe; others refuse it.
  ClassWeight class_weight = ClassWeight::none;
};

// Training in rounds: a model continues with a growing collection of photos, and what it forgets is measured.
//
// Each result folder keeps, beside model.keras, a rounds.json: one entry a round with the folder it was
// trained on, its classes, its test accuracy and its photos by part (train, validation, test), each with a
// print of its content. A later round takes the entries over and adds its own. A photo keeps the part that it
// had in an earlier round, whatever its name is now, so that no test photo was trained on before.

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

}  // namespace graft::inline transfer

#pragma GCC visibility pop

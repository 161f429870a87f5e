// SPDX-License-Identifier: Apache-2.0
// What a training measured and chose: the facts of result.json and the rows of history.csv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/decision.hpp"
#include "graft/evaluation.hpp"
#include "graft/json_fwd.hpp"
#include "graft/recipes.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace transfer {

/// A row of history.csv.
struct EpochRow {
  std::int64_t epoch = 0;                              ///< from 1; 0: a head that was solved
  std::string phase;                                   ///< "head", "fine-tuning", ...
  std::vector<std::pair<std::string, double>> values;  ///< figures by name: "loss", "val_accuracy", ...
  /// How long the epoch took; 0: unknown (a head that was solved, or from before the run was resumed). In
  /// result.json, not in history.csv, which is the same each time.
  double seconds = 0;
};

/// How far bfloat16 moves the base's features of some photos, as a share of the distance to the nearest other
/// photo.
struct MovedFeatures {
  double mean = 0;     ///< over the photos
  double largest = 0;  ///< of the photos
};

/// Number of views whose features were computed, and of those read from the cache.
struct FeatureCounts {
  std::size_t computed = 0;  ///< by this run
  std::size_t cached = 0;    ///< by earlier runs
};

/// Where the photos are on the size-similarity matrix.
struct PhotosPlace {
  double photos_per_class = 0;   ///< mean over the classes
  bool many = false;             ///< 200 a class or more
  bool similar = false;          ///< to the photos that the network was trained on
  bool decided_by_time = false;  ///< fine-tuning was planned by the clock, not by work
};

/// Parameters of one phase of the tutorial.
struct PhaseCounts {
  std::string phase;                    ///< "head" or "fine-tuning"
  std::int64_t total_params = 0;        ///< of the model
  std::int64_t trainable_params = 0;    ///< those that train
  std::size_t trainable_variables = 0;  ///< number of tensors that train
};

/// One L2 strength that was tried for a head.
struct TriedStrength {
  double l2 = 0;                   ///< the strength
  double loss = 0;                 ///< mean loss on unseen photos
  double errors = 0;               ///< errors on unseen photos
  std::size_t photos = 0;          ///< number of unseen photos
  double validation_loss = 0;      ///< on the validation photos only
  double validation_accuracy = 0;  ///< on the validation photos only, fraction of 1
};

/// One network, or the mean of two networks' answers, that was tried for TrainOptions::model "auto".
struct NetworkTrial {
  std::string model;       ///< as TrainOptions::model
  Size2D image_size;       ///< that photos were resized to
  std::size_t photos = 0;  ///< number of photos that the trial's heads answered for without having seen them
  double accuracy = 0;     ///< of these answers, fraction of 1
  double loss = 0;         ///< mean cross-entropy of these answers, calibrated
  double operations = 0;   ///< multiplications and additions of the frozen network for one photo
  double seconds = 0;      ///< duration of the trial
  bool chosen = false;     ///< the run used it
};

/// The head of AutomaticRecipe and HeadRecipe.
struct SolvedHead {
  double l2 = 0;                                ///< the chosen strength
  bool cross_validated = false;                 ///< the strength was chosen by folds too
  bool several_depths = false;                  ///< the head reads several depths of the base
  int views = 1;                                ///< views of each training photo that it was solved on
  bool mirrored = false;                        ///< views other than the photo as it is were used
  double loss_with_views = 0;                   ///< loss on unseen photos, solved with all views
  double loss_without_views = 0;                ///< the same, solved with the photos as they are
  std::vector<TriedStrength> tried;             ///< on the base's output, strength by strength
  std::vector<TriedStrength> tried_on_several;  ///< on several depths; empty: not tried
};

/// The head of ClassicalHeadRecipe.
struct FittedHead {
  HeadOptions options;  ///< chosen
  HeadSearch search;    ///< the cross-validation
};

/// One strength that was tried for the head of a later round.
struct TriedRoundHead {
  double l2 = 0;               ///< the strength
  bool near_old_head = false;  ///< the distance to the old head is penalised, not the weights' size
  double loss = 0;             ///< mean loss on photos that neither head has seen; 0 where there are none
  double accuracy = 0;         ///< on the same, fraction of 1
  std::size_t photos = 0;      ///< their number
};

/// The head of a later round.
struct SolvedRoundHead {
  double l2 = 0;                      ///< the chosen strength
  bool near_old_head = false;         ///< see TriedRoundHead
  std::vector<TriedRoundHead> tried;  ///< in the order of trying
};

/// A network trained by gradient.
struct TrainedNetwork {
  std::int64_t parameters = 0;            ///< of the model
  std::int64_t trainable_parameters = 0;  ///< those that train
  double learning_rate = 0;               ///< Adam's
  std::size_t epochs = 0;                 ///< that ran
  double validation_loss = 0;             ///< of the best epoch
  double validation_accuracy = 0;         ///< of the best epoch, fraction of 1
};

/// One fine-tuning of the upper layers of the base.
struct FineTuned {
  Strategy strategy = Strategy::freeze_part;  ///< freeze_part or train_everything
  std::string from_layer;                     ///< the first layer that trains
  std::size_t layer_index = 0;                ///< its index in the base
  double learning_rate = 0;                   ///< the largest of the cycle
  std::size_t epochs = 0;                     ///< that ran
  double operations = 0;                      ///< estimated multiplications and additions
  double seconds = 0;                         ///< duration
  /// Where the model's weights are on the way from the pretrained (0) to the trained ones (1): where the
  /// validation photos have the least loss.
  double share = 0;
  double validation_loss = 0;  ///< with these weights
  /// With these weights, fraction of 1. Of several labels a photo: of photos with all of them right at 50 %;
  /// of numbers: the share of the variance that is explained.
  double validation_accuracy = 0;
  bool kept = false;  ///< the validation photos have less loss than with the head
};

/// The second network of a run that had two.
struct SecondNetwork {
  std::string model;                     ///< its name
  bool used = false;                     ///< the model's answers are the mean of both networks'
  SolvedHead head;                       ///< its own head
  std::optional<FineTuned> fine_tuning;  ///< the one kept, else the last one tried; unset: none
};

/// Two photos that are equal or nearly equal.
struct PhotoPair {
  std::filesystem::path first, second;  ///< the files
  bool exact = false;                   ///< equal pixels
};

/// Photos that occur more than once.
struct DuplicatePhotos {
  std::size_t exact = 0;                          ///< pairs of equal photos
  std::size_t near = 0;                           ///< pairs of nearly equal photos
  std::size_t of_different_classes = 0;           ///< pairs whose photos have different classes
  std::size_t dropped = 0;                        ///< photos left out of training
  std::vector<PhotoPair> examples;                ///< the first pairs
  std::size_t validation_photos_in_training = 0;  ///< validation photos that training has too
  std::size_t test_photos_in_training = 0;        ///< test photos that training has too
};

/// Test figures of repeated trainings.
struct RepeatedRuns {
  std::vector<double> accuracies;  ///< fractions of 1; none of numbers
  Spread spread;                   ///< of the accuracies
  /// Several labels a photo: the mean average precision of each; the accuracies are then of all labels right.
  std::vector<double> average_precisions{};
  Spread average_precision{};  ///< of these
  /// Numbers: the mean absolute error of each run, for each number.
  std::vector<std::vector<double>> absolute_errors{};
  std::vector<Spread> absolute_error{};  ///< the spread of these, for each number
};

/// Test accuracies on folds.
struct FoldedRuns {
  RepeatedRuns runs;       ///< fold by fold
  std::size_t photos = 0;  ///< of all folds
  double accuracy = 0;     ///< on all photos, fraction of 1; 0 of numbers
  Interval interval;       ///< 95 % confidence interval of accuracy
};

/// The file of weights that a training started from.
struct StartingWeights {
  std::string file;    ///< its name, without folders
  std::string sha256;  ///< of its bytes: 64 hexadecimal digits
};

/// How a network was built before its weights came from an earlier round: TrainOptions of the first round.
struct BuiltBase {
  std::string weights = "imagenet";  ///< TrainOptions::weights: they decide how pixels are scaled
  double alpha = 1;                  ///< TrainOptions::alpha
};

/// The rules of a model's answers, and what they do.
struct DecisionFacts {
  DecisionRules rules;        ///< as saved in the model
  DecisionFigures chosen_on;  ///< on the answers for unseen photos that they were chosen by
  DecisionFigures test;       ///< on the test photos, which chose nothing
};

/// A model that gives a photo several labels, or none.
struct SeveralLabelsFacts {
  std::vector<std::string> class_names;  ///< one a label, in the order of the model's outputs
  std::vector<double> thresholds;        ///< probabilities from which on a label is given, as in the model
  SeveralLabelsFigures validation;       ///< by a head that had not seen these photos
  SeveralLabelsFigures test;             ///< of the model
  std::vector<SeveralLevelFigures> levels{};  ///< of the model, where labels are nested: animal/dog
  std::vector<RecallRule> min_recall{};       ///< labels that must not be missed, as in the model
};

/// A model that estimates numbers.
struct NumbersFacts {
  std::vector<std::string> names;     ///< of the numbers, in the order of the model's outputs
  double alpha = 0;                   ///< the head's strength, as scikit-learn's Ridge has it; 0: fine-tuned
  NumberIntervals intervals;          ///< as in the model
  std::vector<NumberFigures> unseen;  ///< of all answers for photos that what answered had not seen
  std::vector<NumberFigures> validation;  ///< of those for validation photos
  std::vector<NumberFigures> test;        ///< of the model
};

/// What a run measured and chose, for result.json. A member that is unset or empty does not apply to the
/// recipe.
struct TrainFacts {
  std::vector<NetworkTrial> networks;                ///< model auto, where there was a choice
  std::optional<StartingWeights> weights;            ///< unset: the training started from random weights
  std::vector<RoundScore> rounds;                    ///< later rounds: accuracy on each round's test photos
  std::optional<BuiltBase> built_base;               ///< later rounds of several labels a photo
  std::optional<MovedFeatures> moved_by_bfloat16;    ///< precision auto, where it was measured
  std::string precision;                             ///< "float32" or "mixed_bfloat16"
  std::optional<FeatureCounts> features;             ///< automatic, head
  std::optional<PhotosPlace> advice;                 ///< automatic, head
  std::vector<PhaseCounts> phases;                   ///< tutorial
  std::optional<Objective> optimize;                 ///< automatic, head: where it is not accuracy
  std::optional<SolvedHead> head;                    ///< automatic, head
  std::optional<FittedHead> classical_head;          ///< classical head
  std::optional<SolvedRoundHead> round_head;         ///< later rounds, networks of the user's own
  std::optional<TrainedNetwork> network;             ///< by gradient
  std::optional<FineTuned> fine_tuning;              ///< automatic: the one kept, else the last one tried
  std::vector<FineTuned> fine_tuning_tried;          ///< automatic with a budget
  std::optional<SecondNetwork> second_network;       ///< automatic, head with two networks
  std::optional<classify::Calibration> calibration;  ///< with TrainOptions::calibrate
  std::optional<DecisionFacts> decisions;            ///< unset: too few photos, or numbers
  std::optional<SeveralLabelsFacts> several;         ///< several labels a photo
  std::optional<NumbersFacts> numbers;               ///< numbers in place of classes
  std::vector<std::pair<std::string, double>> seconds;  ///< by stage, in the order of entering
  std::optional<DuplicatePhotos> duplicates;            ///< unset: not looked for
  std::optional<FoldedRuns> folds;                      ///< with EvaluationOptions::folds
  std::optional<RepeatedRuns> seeds;                    ///< with EvaluationOptions::seeds
};
/// As in result.json.
[[nodiscard]] Json to_json(const TrainFacts& facts);

}  // namespace transfer
}  // namespace graft

#pragma GCC visibility pop

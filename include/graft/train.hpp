// SPDX-License-Identifier: Apache-2.0
// Training a classifier on folders of photos in one call; advice which way of training fits a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graft/catalogue.hpp"
#include "graft/classifier.hpp"
#include "graft/decision.hpp"
#include "graft/disk_cache.hpp"
#include "graft/evaluation.hpp"
#include "graft/image.hpp"
#include "graft/json_fwd.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/recipes.hpp"
#include "graft/tensor.hpp"
#include "graft/train_facts.hpp"
#include "graft/training.hpp"

#pragma GCC visibility push(default)

namespace graft {

namespace cluster {
class Communicator;
}
inline namespace transfer {

/// The default: a head solved on frozen features, then fine-tuning, kept only where validation improves.
struct AutomaticRecipe {
  std::int64_t epochs = 10;  ///< of fine-tuning, at most
  /// Number of views of each training photo that go through the frozen base and are cached: 1: as it is; 2:
  /// mirrored too; more, up to kMostViews: the enlarged parts of view_of() as well. Views that do harm to
  /// unseen photos are left out again.
  int views = 2;
  ClassWeight class_weight = ClassWeight::none;  ///< of the loss, of the head and of fine-tuning
  Objective optimize{};                          ///< other than accuracy: without class_weight
  /// Fine-tunes wherever that is possible, and keeps its end whether validation shows a gain or not.
  bool always_fine_tune = false;
  /// Seconds that the whole run may last. Fine-tuning is then planned by measured steps, so that the result
  /// depends on the machine too; such a run keeps no checkpoint. Unset: a fixed amount of work.
  std::optional<double> budget{};
};

/// A head solved on frozen features.
struct HeadRecipe {
  int views = 2;                                 ///< see AutomaticRecipe::views
  ClassWeight class_weight = ClassWeight::none;  ///< of the loss
  Objective optimize{};                          ///< see AutomaticRecipe::optimize
};

/// All that is trainable in a network of the user's own, by gradient with Adam. The epoch with the lowest
/// validation loss is kept.
struct NetworkRecipe {
  std::int64_t epochs = 10;  ///< at most
  double learning_rate = 0;  ///< 0: 1e-3
  /// Layers that stay frozen, a pattern of models::FreezeOptions::names, and the first layer that trains, its
  /// index or name. Both empty: the layers that are frozen in the file.
  std::string freeze{}, fine_tune_from{};
  ClassWeight class_weight = ClassWeight::none;  ///< of the loss
};

/// How a model is trained. Each alternative has the options that only it uses. A network of the user's own
/// (is_network_file()) trains by HeadRecipe, where it ends in a Dense layer, or NetworkRecipe; with
/// AutomaticRecipe as by NetworkRecipe with its epochs.
using Recipe = std::variant<AutomaticRecipe, HeadRecipe, ClassicalHeadRecipe, TutorialRecipe, NetworkRecipe,
                            RoundRecipe>;

/// Progress of training, to be shown.
struct Progress {
  std::string stage;                ///< "photos", "features", "head", "epoch 3", ...
  std::size_t done = 0;             ///< units of the stage that are done
  std::size_t total = 0;            ///< units in total; 0: unknown
  std::string unit;                 ///< "photos", "steps"
  std::string line;                 ///< a finished sentence to keep on the screen; empty while under way
  const EpochRow* epoch = nullptr;  ///< with the line about an epoch: its figures, during the call
};

/// What train() works with.
struct TrainOptions {
  /// A name of applications::catalogue(); two of them with + between, whose answers are averaged; a file:
  /// is_network_file(); or "auto": of the networks whose ImageNet weights are on this computer, what fits the
  /// photos best.
  std::string model = "mobilenet_v2";
  std::string weights = "imagenet";  ///< or a file, or "none"
  bool download = false;             ///< published weights that are not on this computer are downloaded
  double alpha = 1;                  ///< width of one network by name: MobileNet, MobileNetV2, MobileNetV3
  bool single = false;               ///< with model auto: one network only
  /// Of a network file in which no layer scales the pixels: how they were scaled; kept in the trained model.
  std::optional<applications::Preprocessing> pixels;
  std::optional<Size2D> image_size;  ///< unset: the application's own; 160 for the tutorial
  Recipe recipe{};                   ///< the recipe and its own options
  EvaluationOptions evaluation;      ///< parts, duplicates, repetitions
  std::filesystem::path test;  ///< folder with photos never used in training; empty: a part of the photos
  std::filesystem::path validation;  ///< folder to choose by; empty: a part of the photos
  /// Which class folders and files of these folders are used: class_names (empty: all), nested,
  /// exclude, follow_links.
  data::ListOptions listing{};
  /// How pixels are kept while training: rounded to uint8, or float32 as in Keras's pipeline with four times
  /// the memory. It goes into the model's metadata, so that predictions see the same pixels.
  data::PixelType pixel_type = data::PixelType::uint8;
  /// "float32", "mixed_bfloat16", or "auto": mixed_bfloat16 where the processor is fast at it and the base's
  /// features of some of the photos do not move by more than rounding. float32 and mixed_bfloat16 give the
  /// same on every processor of equal instructions, auto may choose differently on another.
  std::string precision = "auto";
  int threads = 0;                      ///< number of threads; 0: see Execution::threads
  std::uint64_t seed = 42;              ///< of the split, initial weights, order, dropout and augmentation
  std::int64_t batch_size = 32;         ///< photos per step of training by gradient
  data::Exif exif = data::Exif::apply;  ///< what to do with the orientation that a camera noted
  data::JpegScale jpeg_scale = data::JpegScale::exact;  ///< goes into the model's metadata
  /// Measures photos while they are decoded, for TrainResult::loaded, so that inspect_run() need not read
  /// them again (not with JpegScale::reduced, which decodes no whole photos), and keeps
  /// TrainResult::features.
  bool measure_photos = false;
  std::size_t pixel_bytes = std::size_t{4} << 20;  ///< memory for decoded pixels, at most
  std::size_t disk_bytes = std::size_t{8} << 30;   ///< disk for those beyond, at most
  std::size_t cache_bytes = std::size_t{1} << 30;  ///< memory for what frozen layers computed, at most
  DiskCacheOptions disk_cache;  ///< features and what else the next run can use; changes no result
  /// File in which the run keeps its whole state while it fine-tunes; empty: none. It is left when training
  /// stops or fails, and removed by write_result() once the run is complete.
  std::filesystem::path checkpoint;
  /// File that gets the classifier as soon as its head is solved, where fine-tuning follows; empty: none. Its
  /// folder is made. With AutomaticRecipe; write_result() replaces it where it is the result's model.keras.
  std::filesystem::path early_model;
  double checkpoint_seconds = 30;  ///< between two savings, at least; 0: after every step
  bool resume = false;             ///< continues from checkpoint, to the same weights as an uninterrupted run
  /// After training: a temperature for the probabilities, found from answers for photos that what answered
  /// had not seen and multiplied into the last layer's weights, so that Keras has the same output; none where
  /// it would not help. Unset: where the recipe solves a head. Not for networks of the user's own.
  std::optional<bool> calibrate{};
  /// Wanted accuracy of the answers where others are "unknown" (ClassifyOptions::reject), above 0 and below
  /// 1: see find_reject_threshold(), and find_label_reject_threshold() of several labels a photo. Unset: half
  /// as many wrong answers in proportion as without. Not for numbers.
  std::optional<double> reject_accuracy{};
  /// Classes that must not be missed, each once. The threshold for its recall is chosen from answers for
  /// photos that what answered was not trained on, and saved in the model. Error{invalid_argument} where
  /// these photos are too few: see find_recall_threshold().
  std::vector<MinRecall> min_recall{};
  /// Called now and then from the training thread. Return false to stop: what is best so far is kept.
  std::function<bool(const Progress&)> progress;
  /// The processes that train together, each with the same photos and options; one of them has the checkpoint
  /// and early model, progress and the result's files. Null: this one alone. The result does not depend on
  /// their number: docs/cluster.md. A stop ends them with Error{interrupted}; the disk cache is not used; a
  /// budget is an Error{invalid_argument}. For graft's own use.
  std::shared_ptr<cluster::Communicator> ranks{};
  /// The ranks send gradients in 16 bits, rounded to bfloat16: half the bytes. The result is another one, but
  /// does not depend on their number either. Without ranks an Error{invalid_argument}.
  bool bfloat16_exchange = false;
};

/// How far a photo of a run is from the training photos.
struct PhotoDistance {
  std::filesystem::path file;  ///< absolute
  double distance = 0;         ///< as PhotoPrediction::distance; of a training photo, from the others
};

/// What loading learnt of a photo of a run.
struct LoadedPhoto {
  std::filesystem::path file;  ///< absolute
  data::PhotoFacts facts;      ///< with measures
};

/// Features of photos of a run in the trained model, for a map of them.
struct FeatureSample {
  std::vector<std::filesystem::path> files;  ///< absolute
  std::vector<int> labels;                   ///< position of the class, one a file
  Tensor rows;                               ///< float32 (files, D)
};
/// Most photos in it.
inline constexpr std::size_t kMostSampledFeatures = 500;

/// A trained classifier and what is known of it.
struct TrainResult {
  Model model;                           ///< expects raw RGB 0..255 (N, H, W, 3)
  std::string network;                   ///< TrainOptions::model, or what auto chose
  std::vector<std::string> class_names;  ///< in the order of the model's outputs
  Size2D image_size;                     ///< that photos are resized to
  /// Fractions of 1; of numbers there is none: see TrainFacts::numbers.
  double test_accuracy = 0, validation_accuracy = 0;
  Interval test_accuracy_interval;                                       ///< 95 % confidence interval
  std::size_t train_photos = 0, validation_photos = 0, test_photos = 0;  ///< number of photos in each part
  std::vector<std::vector<std::int64_t>> confusion;  ///< of the test photos: [true class][predicted class]
  PhotoAnswers answers;                              ///< photo by photo, for predictions.csv
  std::vector<data::LeftOut> left_out;               ///< files that were not used, and why
  std::vector<std::string> notes;                    ///< what was done and why, sentence by sentence
  std::vector<EpochRow> history;                     ///< rows by epoch, as in history.csv
  TrainFacts facts;                                  ///< more for result.json
  /// The document graft.json inside the model file, with unknown keys of an earlier round's: see
  /// classifier.hpp.
  JsonValue metadata;
  /// For the model file: how far photos are from the training photos (graft/evaluation.hpp); null: too few
  /// photos.
  std::shared_ptr<const TrainingFeatures> training_features;
  /// Of the photos whose features are compared: at most kMostTrainingRows training photos, all others.
  std::vector<PhotoDistance> distances;
  /// Of at most kMostSampledFeatures of these photos, evenly spread; empty without
  /// TrainOptions::measure_photos.
  FeatureSample features;
  std::vector<LoadedPhoto> loaded;  ///< sorted by file; empty without TrainOptions::measure_photos
  std::vector<RoundRecord> rounds;  ///< the earlier rounds and this one, for rounds.json
  double seconds = 0;               ///< duration of the run
  bool stopped = false;             ///< progress asked to stop
  /// What went wrong where a loss was no longer a number; empty: nothing. The model is then that of the last
  /// epoch that was good, or as it was before that phase.
  std::string broke_down;
};

/// Trains a classifier on a folder of photos, one sub-folder a class (or train/ val/ test/ with those
/// inside). Deterministic for equal options and thread count. Throws graft::Error.
[[nodiscard]] TrainResult train(const std::filesystem::path& photos, const TrainOptions& options);

/// Writes the result folder: model.keras, history.csv, predictions.csv, result.json, settings.json,
/// rounds.json; whole or not at all. Where the folder holds the run's checkpoint, file by file. Throws
/// Error{io} when it holds anything else, unless the run was resumed.
void write_result(const TrainResult& result, const TrainOptions& options, const std::filesystem::path& photos,
                  const std::filesystem::path& folder);

/// The options of an earlier run, to run it again.
struct SavedSettings {
  std::filesystem::path photos;  ///< the folder that was trained on
  TrainOptions options;          ///< with the precision and number of threads that were used
};

/// Reads the settings.json that write_result() wrote: the file, or the result folder that holds it. Memory
/// limits, caches, checkpoint and progress are not in it. Errors: Error{not_found}; Error{bad_file}.
[[nodiscard]] SavedSettings read_settings(const std::filesystem::path& from);

/// Which phase of the tutorial recipe a learning rate is searched.
enum class RatePhase {
  head,         ///< the new head on the frozen base, with Adam
  fine_tuning,  ///< after the head was trained for the recipe's epochs: from fine_tune_from on, with RMSprop
};

/// The learning-rate range test on a folder of photos, with the model, augmentation and frozen layers that
/// options.recipe, a TutorialRecipe, has; with a network of the user's own and a NetworkRecipe as train()
/// would train it, whatever the phase. Nothing is written. Throws as train(); Error{invalid_argument} for
/// another recipe.
[[nodiscard]] LearningRateCurve find_rate(const std::filesystem::path& photos, const TrainOptions& options,
                                          RatePhase phase, const LearningRateFinderOptions& finder = {});

/// Score on unseen photos of a head on the features of one depth of the frozen network.
struct DepthScore {
  std::string layer;    ///< the layer whose output is read
  double position = 0;  ///< share of the network's layers before it, 0 to 1
  double accuracy = 0;  ///< fraction of 1
  double loss = 0;      ///< mean of -log of the right class's probability
};

/// One strategy tried, on a part of the photos or, exhaustively, on all.
struct StrategyTrial {
  Strategy strategy = Strategy::freeze_base;  ///< the strategy that was tried
  std::string first_layer;                    ///< the first layer that trains; empty: only the head
  double learning_rate = 0;                   ///< the largest of the cycle
  std::int64_t epochs = 0;                    ///< number of epochs
  std::size_t photos = 0;                     ///< number of training photos
  std::size_t judged = 0;                     ///< number of unseen photos that it was scored on
  double accuracy = 0;                        ///< on the unseen photos, fraction of 1
  double loss = 0;                            ///< mean cross-entropy on the unseen photos
  double seconds = 0;                         ///< duration of the trial
  /// By those photos clearly better than freezing the whole base: by two standard errors, photo by photo.
  bool clearly_better = false;
};

/// The advice and its measurements.
struct Advice {
  std::string model;                             ///< TrainOptions::model, or what auto chose
  std::vector<NetworkTrial> networks;            ///< model auto, where there was a choice
  Size2D image_size;                             ///< height and width that photos are resized to
  std::vector<std::string> class_names;          ///< the folder's classes, in order
  std::size_t photos = 0;                        ///< number of training photos
  double photos_per_class = 0;                   ///< mean over the classes
  bool many = false;                             ///< photos per class: 200 or more
  bool similar = false;                          ///< to what the network knows: see why
  std::vector<DepthScore> depths;                ///< from the network's end to its beginning
  std::vector<StrategyTrial> trials;             ///< in the order of trying
  Strategy recommended = Strategy::freeze_base;  ///< the strategy to use
  bool several_depths = false;                   ///< the head should read more than the last layer
  std::string first_layer;       ///< the first layer that trains; empty: the base stays frozen
  double learning_rate = 0;      ///< of that strategy, the largest of the cycle
  std::int64_t epochs = 0;       ///< of that strategy with all training photos, as train() would run it
  bool mirror = true;            ///< train on photos mirrored left to right too
  double loss_plain = 0;         ///< on unseen photos, of a head solved without mirrored photos
  double loss_mirrored = 0;      ///< on unseen photos, of a head solved with mirrored photos
  std::vector<std::string> why;  ///< in plain words, sentence by sentence
  /// Exhaustive only: each strategy with all training photos, scored on the test photos, which decide
  /// nothing.
  std::vector<StrategyTrial> outcomes;
  std::optional<Strategy> best;  ///< the most accurate of the outcomes; the cheaper of equals
  bool stopped = false;          ///< progress returned false before all was measured
};

/// What advise() works with.
struct AdviceOptions {
  TrainOptions training;    ///< model, weights, sizes, seed, progress; recipe and checkpoint play no part
  bool exhaustive = false;  ///< runs the three strategies in full too
};

/// Places a folder of photos on the size-similarity matrix and tries the three strategies for a short while.
/// Deterministic for equal options and thread count, but for the seconds; with training.budget the trials end
/// within it, and the recommended epochs are those that train() would have time for. Throws graft::Error as
/// train().
[[nodiscard]] Advice advise(const std::filesystem::path& photos, const AdviceOptions& options);

/// The advice with all its measurements, for programs.
[[nodiscard]] Json to_json(const Advice& advice);
/// For a person: lines with their ends.
[[nodiscard]] std::string to_text(const Advice& advice);

}  // namespace transfer
}  // namespace graft

#pragma GCC visibility pop

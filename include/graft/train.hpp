// SPDX-License-Identifier: Apache-2.0
// Training a classifier on folders of photos in one call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/classifier.hpp"
#include "graft/disk_cache.hpp"
#include "graft/image.hpp"
#include "graft/json_fwd.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/recipes.hpp"
#include "graft/tensor.hpp"
#include "graft/training.hpp"

#pragma GCC visibility push(default)

namespace graft::inline transfer {

enum class Recipe {
  automatic,  ///< head solved on frozen features, then fine-tuned, kept only where validation improves
  head,       ///< head solved on frozen features
  tutorial,   ///< Keras's two-phase transfer-learning tutorial, exactly
  network,    ///< all that is trainable in a whole network, by gradient
};

/// Progress of training, to be shown.
struct Progress {
  std::string stage;      ///< "photos", "features", "head", "epoch 3", ...
  std::size_t done = 0;   ///< units of the stage that are done
  std::size_t total = 0;  ///< units in total; 0: unknown
  std::string unit;       ///< "photos", "steps"
  std::string line;       ///< a finished sentence to keep on the screen; empty while under way
};

struct TrainOptions {
  std::string model = "mobilenet_v2";  ///< a name of applications::catalogue(), or a file: is_network_file()
  std::string weights = "imagenet";    ///< or a file, or "none"
  /// Of a network file in which no layer scales the pixels: how they were scaled; kept in the trained model.
  std::optional<applications::Preprocessing> pixels;
  std::optional<Size2D> image_size;  ///< unset: the application's own; 160 for the tutorial
  Recipe recipe = Recipe::automatic;
  ClassicalHead head;  ///< of classical heads; chosen ones replace the recipe
  EvaluationOptions evaluation;
  std::filesystem::path test;  ///< folder with photos never used in training; empty: a part of the photos
  std::filesystem::path validation;  ///< folder to choose by; empty: a part of the photos
  /// "float32", "mixed_bfloat16", or "auto": mixed_bfloat16 where the processor is fast at it and the base's
  /// features of some of the photos do not move by more than rounding. float32 and mixed_bfloat16 give the
  /// same on every processor of equal instructions, auto may choose differently on another.
  std::string precision = "auto";
  int threads = 0;  ///< 0: see Execution::threads
  std::uint64_t seed = 42;
  std::int64_t batch_size = 32;
  std::int64_t epochs = 10;  ///< tutorial: of the head; automatic: at most, of fine-tuning
  /// Tutorial: the first layer of the base that trains, its index or name ("block5_conv1").
  std::string fine_tune_from = "100";
  std::int64_t fine_tune_epochs = 10;  ///< tutorial
  TuningOptions tuning{};
  /// Automatic, head and later rounds: number of views of each training photo that go through the frozen base
  /// and are cached: 1: as it is; 2: mirrored too; more, up to kMostViews: the enlarged parts of view_of() as
  /// well. Views that do harm to unseen photos are left out again.
  int views = 2;
  /// Automatic: seconds that the whole run may take. Fine-tuning is then planned by measured steps, so that
  /// the result depends on the machine too; such a run keeps no checkpoint. Unset: a fixed amount of work.
  std::optional<double> budget;
  data::Exif exif = data::Exif::apply;
  data::JpegScale jpeg_scale = data::JpegScale::exact;  ///< goes into the model's metadata
  std::size_t pixel_bytes = std::size_t{4} << 20;       ///< memory for decoded pixels, at most
  std::size_t disk_bytes = std::size_t{8} << 30;        ///< disk for those beyond, at most
  std::size_t cache_bytes = std::size_t{1} << 30;       ///< memory for features, at most
  DiskCacheOptions disk_cache;  ///< features and what else the next run can use; changes no result
  /// File in which the run keeps its whole state while it fine-tunes; empty: none. It is left when training
  /// stops or fails, and removed by write_result() once the run is complete.
  std::filesystem::path checkpoint;
  double checkpoint_seconds = 30;  ///< between two savings, at least; 0: after every step
  bool resume = false;             ///< continues from checkpoint, to the same weights as an uninterrupted run
  RoundOptions rounds;             ///< continuing an earlier round: see rounds.hpp
  /// Called now and then from the training thread. Return false to stop: what is best so far is kept.
  std::function<bool(const Progress&)> progress;
};

/// A trained classifier and what is known of it.
struct TrainResult {
  Model model;  ///< expects raw RGB 0..255 (N, H, W, 3)
  std::vector<std::string> class_names;
  Size2D image_size;
  double test_accuracy = 0, validation_accuracy = 0;  ///< fractions of 1
  Interval test_accuracy_interval;                    ///< 95 % confidence interval
  std::size_t train_photos = 0, validation_photos = 0, test_photos = 0;
  std::vector<std::vector<std::int64_t>> confusion;  ///< of the test photos: [true class][predicted class]
  std::vector<data::LeftOut> left_out;
  std::vector<std::string> notes;  ///< what was done and why, sentence by sentence
  JsonValue history;               ///< rows by epoch, as in history.csv
  JsonValue facts;                 ///< more for result.json: phases, parameter counts, chosen L2, ...
  JsonValue metadata;              ///< the file's graft.json: see classifier.hpp
  JsonValue rounds;                ///< the file's rounds.json: see rounds.hpp
  double seconds = 0;
  bool stopped = false;  ///< progress asked to stop
  /// What went wrong where a loss was no longer a number; empty: nothing. The model is then that of the last
  /// epoch that was good, or as it was before that phase.
  std::string broke_down;
};

/// Trains a classifier on a folder of photos, one sub-folder a class (or train/ val/ test/ with those
/// inside). Deterministic for equal options and thread count. Throws graft::Error.
[[nodiscard]] TrainResult train(const std::filesystem::path& photos, const TrainOptions& options);

/// Writes the result folder: model.keras, history.csv, result.json, settings.json, rounds.json; whole or not
/// at all. Where the folder holds the run's checkpoint, file by file. Throws Error{io} when it holds anything
/// else, unless the run was resumed.
void write_result(const TrainResult& result, const TrainOptions& options, const std::filesystem::path& photos,
                  const std::filesystem::path& folder);

/// Which phase of the tutorial recipe a learning rate is looked for.
enum class RatePhase {
  head,         ///< the new head on the frozen base, with Adam
  fine_tuning,  ///< after the head was trained for options.epochs: from fine_tune_from on, with RMSprop
};

/// The learning-rate range test on a folder of photos, with the model, augmentation and frozen layers that
/// the tutorial recipe would have. Nothing is written. Throws as train().
[[nodiscard]] LearningRateCurve find_rate(const std::filesystem::path& photos, const TrainOptions& options,
                                          RatePhase phase, const LearningRateFinderOptions& finder = {});

}  // namespace graft::inline transfer

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
// Keras's callbacks, with its names and defaults (keras.callbacks 3.15). Your own: extend/callback.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "graft/extend/callback.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// The good direction of a figure: Keras's mode.
enum class Monitor {
  /// By the figure's name: losses and errors fall; accuracies, areas, precision, recall and F1 rise. The
  /// callback throws Error{invalid_argument} for other names.
  automatic,
  min,  ///< lower is better
  max,  ///< higher is better
};

/// Arguments of Keras's EarlyStopping.
struct EarlyStoppingOptions {
  std::string monitor = "val_loss";   ///< name of the figure in the epoch's log
  double min_delta = 0;               ///< a smaller change is no improvement
  std::int64_t patience = 0;          ///< epochs without improvement before training stops
  Monitor mode = Monitor::automatic;  ///< whether lower or higher is better
  std::optional<double> baseline;     ///< only an improvement beyond it resets the patience
  bool restore_best_weights = false;  ///< the best epoch's weights when training ends, also when not stopped
  std::int64_t start_from_epoch = 0;  ///< earlier epochs are ignored
};
/// Ends training when a figure no longer improves.
[[nodiscard]] CallbackPtr EarlyStopping(const EarlyStoppingOptions& options = {});

/// Arguments of Keras's ReduceLROnPlateau.
struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";   ///< name of the figure in the epoch's log
  double factor = 0.1;                ///< the rate is multiplied by it; below 1
  std::int64_t patience = 10;         ///< epochs without improvement before a reduction
  Monitor mode = Monitor::automatic;  ///< whether lower or higher is better
  double min_delta = 0.0001;          ///< a smaller change is no improvement
  std::int64_t cooldown = 0;  ///< epochs after a reduction that do not count as epochs without improvement
  double min_lr = 0;          ///< the rate is never reduced below it
};
/// Lowers the learning rate when a figure no longer improves; logs learning_rate. Throws
/// Error{invalid_argument} for an optimizer with a schedule.
[[nodiscard]] CallbackPtr ReduceLROnPlateau(const ReduceLROnPlateauOptions& options = {});

/// Before each epoch sets the rate to schedule(epoch, current rate); logs learning_rate. Throws
/// Error{invalid_argument} for an optimizer with a schedule.
[[nodiscard]] CallbackPtr LearningRateScheduler(std::function<double(std::int64_t, double)> schedule);

/// Ends training at a loss that is not a number. The weights are those before that batch.
[[nodiscard]] CallbackPtr TerminateOnNaN();

/// The functions of a LambdaCallback; empty ones do nothing.
struct LambdaCallbackOptions {
  std::function<void(TrainingState&)> on_train_begin;           ///< once, before the first epoch
  std::function<void(TrainingState&)> on_train_end;             ///< once, after the last epoch
  std::function<void(TrainingState&)> on_epoch_begin;           ///< before each epoch
  std::function<void(TrainingState&)> on_batch_begin;           ///< before each training batch
  std::function<void(TrainingState&)> on_batch_end;             ///< after each training batch
  std::function<void(TrainingState&, EpochLog&)> on_epoch_end;  ///< after each epoch and its validation
};
/// A callback made of functions.
[[nodiscard]] CallbackPtr LambdaCallback(LambdaCallbackOptions options);

/// Arguments of ProgbarLogger.
struct ProgbarOptions {
  std::int64_t epochs = 1;  ///< number of the last epoch: FitOptions::epochs
  /// Called with each text; line_done: the line is finished, else the next text replaces it.
  std::function<void(const std::string& text, bool line_done)> show;
};
/// Keras's progress lines as texts: "Epoch 2/10", then "  12/40 ━━━━━──── loss: 0.3127", and at the epoch's
/// end all figures. graft never prints; show() does.
[[nodiscard]] CallbackPtr ProgbarLogger(ProgbarOptions options);

// The callbacks below write files. They throw Error{io} when they cannot.

/// Arguments of Keras's CSVLogger.
struct CSVLoggerOptions {
  std::filesystem::path filename;  ///< the file; replaced unless `append` is set
  char separator = ',';            ///< between two columns
  bool append = false;             ///< continues a file of an earlier training
};
/// A line for each epoch: epoch (from 0), then the figures in the order of their names. The columns are the
/// figures of the first epoch and, where it was not validated, their val_ figures; a missing figure is NA.
[[nodiscard]] CallbackPtr CSVLogger(CSVLoggerOptions options);

/// Arguments of Keras's ModelCheckpoint.
struct ModelCheckpointOptions {
  /// Ends in .keras or .h5; {epoch}, from 1, and figures are filled in as by Python's format:
  /// "m-{epoch:02d}-{val_loss:.2f}.keras". Missing folders are created.
  std::string filepath;
  std::string monitor = "val_loss";   ///< with save_best_only: name of the figure in the epoch's log
  bool save_best_only = false;        ///< save only where the figure is better than at every save before
  Monitor mode = Monitor::automatic;  ///< with save_best_only: whether lower or higher is better
  /// Batches between two saves, where "loss" is the only figure; unset: after each epoch.
  std::optional<std::int64_t> save_freq;
  std::optional<double> initial_value_threshold;  ///< with save_best_only: the figure to improve first
  std::function<void(const Model&, const std::filesystem::path&)> save;  ///< unset: Model::save
};
/// Saves the model; each file is written whole or not at all.
[[nodiscard]] CallbackPtr ModelCheckpoint(ModelCheckpointOptions options);

/// Arguments of Keras's TensorBoard.
struct TensorBoardOptions {
  std::filesystem::path log_dir = "logs";  ///< folder of the event files
  bool write_graph = true;                 ///< the graph of the model, once
  bool write_images = false;               ///< the kernels of the first convolution, after each epoch
  /// Batches between two points of the curves batch_loss; unset: only figures of epochs.
  std::optional<std::int64_t> update_freq;
};
/// Event files in log_dir/train and log_dir/validation: epoch_loss, epoch_accuracy, ..., as Keras's.
[[nodiscard]] CallbackPtr TensorBoard(const TensorBoardOptions& options = {});

}  // namespace graft

#pragma GCC visibility pop

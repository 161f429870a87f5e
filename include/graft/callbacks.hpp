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

/// The good direction of a figure. automatic: losses and errors fall, accuracies, areas, precision, recall
/// and F1 rise; for other names the callback throws Error{invalid_argument}.
enum class Monitor { automatic, min, max };

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;       ///< a smaller change is no improvement
  std::int64_t patience = 0;  ///< epochs without improvement before training stops
  Monitor mode = Monitor::automatic;
  std::optional<double> baseline;     ///< only an improvement beyond it resets the patience
  bool restore_best_weights = false;  ///< the best epoch's weights when training ends, also when not stopped
  std::int64_t start_from_epoch = 0;  ///< earlier epochs are ignored
};
/// Ends training when a figure no longer improves.
[[nodiscard]] CallbackPtr EarlyStopping(const EarlyStoppingOptions& options = {});

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;  ///< below 1
  std::int64_t patience = 10;
  Monitor mode = Monitor::automatic;
  double min_delta = 0.0001;
  std::int64_t cooldown = 0;  ///< epochs after a reduction that do not count as epochs without improvement
  double min_lr = 0;
};
/// Lowers the learning rate when a figure no longer improves; logs learning_rate. Throws
/// Error{invalid_argument} for an optimizer with a schedule.
[[nodiscard]] CallbackPtr ReduceLROnPlateau(const ReduceLROnPlateauOptions& options = {});

/// Before each epoch sets the rate to schedule(epoch, current rate); logs learning_rate. Throws
/// Error{invalid_argument} for an optimizer with a schedule.
[[nodiscard]] CallbackPtr LearningRateScheduler(std::function<double(std::int64_t, double)> schedule);

/// Ends training at a loss that is not a number. The weights are those before that batch.
[[nodiscard]] CallbackPtr TerminateOnNaN();

/// A callback made of functions; empty ones do nothing.
struct LambdaCallbackOptions {
  std::function<void(TrainingState&)> on_train_begin, on_train_end, on_epoch_begin, on_batch_begin,
      on_batch_end;
  std::function<void(TrainingState&, EpochLog&)> on_epoch_end;
};
[[nodiscard]] CallbackPtr LambdaCallback(LambdaCallbackOptions options);

struct ProgbarOptions {
  std::int64_t epochs = 1;                                            ///< FitOptions::epochs
  std::function<void(const std::string& text, bool line_done)> show;  ///< line_done: the line is finished
};
/// Keras's progress lines as texts: "Epoch 2/10", then "  12/40 ━━━━━──── loss: 0.3127", and at the epoch's
/// end all figures. graft never prints; show() does.
[[nodiscard]] CallbackPtr ProgbarLogger(ProgbarOptions options);

// The callbacks below write files. They throw Error{io} when they cannot.

struct CSVLoggerOptions {
  std::filesystem::path filename;
  char separator = ',';
  bool append = false;  ///< continues a file of an earlier training
};
/// A line for each epoch: epoch (from 0), then the figures in the order of their names. The columns are the
/// figures of the first epoch and, where it was not validated, their val_ figures; a missing figure is NA.
[[nodiscard]] CallbackPtr CSVLogger(CSVLoggerOptions options);

struct ModelCheckpointOptions {
  /// Ends in .keras; {epoch} and figures are filled in as by Python's format:
  /// "m-{epoch:02d}-{val_loss:.2f}.keras".
  std::string filepath;
  std::string monitor = "val_loss";
  bool save_best_only = false;
  Monitor mode = Monitor::automatic;
  std::optional<std::int64_t> save_freq;          ///< batches; unset: each epoch
  std::optional<double> initial_value_threshold;  ///< with save_best_only: the figure to improve first
  std::function<void(const Model&, const std::filesystem::path&)> save;  ///< unset: Model::save
};
/// Saves the model; each file is written whole or not at all.
[[nodiscard]] CallbackPtr ModelCheckpoint(ModelCheckpointOptions options);

struct TensorBoardOptions {
  std::filesystem::path log_dir = "logs";
  bool write_graph = true;
  bool write_images = false;  ///< the kernels of the first convolution, after each epoch
  /// Batches between two points of the curves batch_loss; unset: only figures of epochs.
  std::optional<std::int64_t> update_freq;
};
/// Event files in log_dir/train and log_dir/validation: epoch_loss, epoch_accuracy, ..., as Keras's.
[[nodiscard]] CallbackPtr TensorBoard(const TensorBoardOptions& options = {});

}  // namespace graft

#pragma GCC visibility pop

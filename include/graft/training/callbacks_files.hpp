// SPDX-License-Identifier: Apache-2.0
// Keras's callbacks that write files, with its names and defaults. All throw Error{io} when they cannot.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "graft/training/callbacks.hpp"

namespace graft {

struct CSVLoggerOptions {
  std::filesystem::path filename;
  char separator = ',';
  bool append = false;  ///< behind what is there, for training that goes on
};
/// A line for each epoch: epoch (from 0), then the figures in the order of their names. The first epoch's
/// figures, and where it had none from validation those too, are the columns; what is missing is NA.
[[nodiscard]] CallbackPtr CSVLogger(CSVLoggerOptions options);

struct ModelCheckpointOptions {
  /// Ends in .keras; {epoch} and figures are filled in as by Python's format:
  /// "m-{epoch:02d}-{val_loss:.2f}.keras".
  std::string filepath;
  std::string monitor = "val_loss";
  bool save_best_only = false;
  Monitor mode = Monitor::automatic;
  std::optional<std::int64_t> save_freq;          ///< batches; unset: each epoch
  std::optional<double> initial_value_threshold;  ///< with save_best_only: what must be bettered first
  std::function<void(const Model&, const std::filesystem::path&)> save;  ///< unset: Model::save
};
/// Saves the model, each time whole or not at all.
[[nodiscard]] CallbackPtr ModelCheckpoint(ModelCheckpointOptions options);

struct TensorBoardOptions {
  std::filesystem::path log_dir = "logs";
  bool write_graph = true;
  bool write_images = false;  ///< the kernels of the first convolution, after each epoch
  /// Batches between two points of the curves batch_loss; unset: figures of epochs alone.
  std::optional<std::int64_t> update_freq;
};
/// Event files in log_dir/train and log_dir/validation: epoch_loss, epoch_accuracy, ..., as Keras's.
[[nodiscard]] CallbackPtr TensorBoard(const TensorBoardOptions& options = {});

}  // namespace graft

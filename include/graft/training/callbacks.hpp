// SPDX-License-Identifier: Apache-2.0
// Keras's callbacks, with its names and defaults (keras.callbacks 3.15). Those that write files are in
// callbacks_files.hpp.
#pragma once

#include <functional>
#include <optional>

#include "graft/extend/callback.hpp"

namespace graft {

/// Whether a figure is to fall or to rise. automatic: losses and errors fall, accuracies, areas, precision,
/// recall and F1 rise; for other names the callback asks to be told.
enum class Monitor { automatic, min, max };

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;       ///< less than this is no improvement
  std::int64_t patience = 0;  ///< epochs without improvement that are borne
  Monitor mode = Monitor::automatic;
  std::optional<double> baseline;     ///< patience starts anew only beyond it
  bool restore_best_weights = false;  ///< the best epoch's weights when training ends, also when not stopped
  std::int64_t start_from_epoch = 0;  ///< epochs before are not looked at
};
/// Ends training when a figure no longer improves.
[[nodiscard]] CallbackPtr EarlyStopping(const EarlyStoppingOptions& options = {});

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;  ///< below 1
  std::int64_t patience = 10;
  Monitor mode = Monitor::automatic;
  double min_delta = 0.0001;
  std::int64_t cooldown = 0;  ///< epochs after a reduction in which nothing counts
  double min_lr = 0;
};
/// Lowers the learning rate when a figure no longer improves; logs learning_rate. Not for schedules.
[[nodiscard]] CallbackPtr ReduceLROnPlateau(const ReduceLROnPlateauOptions& options = {});

/// Before each epoch: the rate that schedule(epoch, rate so far) gives; logs learning_rate. Not for
/// schedules.
[[nodiscard]] CallbackPtr LearningRateScheduler(std::function<double(std::int64_t, double)> schedule);

/// Ends training at a loss that is not a number. The weights are those before that batch.
[[nodiscard]] CallbackPtr TerminateOnNaN();

/// One's own callback out of functions; those left empty do nothing.
struct LambdaCallbackOptions {
  std::function<void(TrainingState&)> on_train_begin, on_train_end, on_epoch_begin, on_batch_begin,
      on_batch_end;
  std::function<void(TrainingState&, EpochLog&)> on_epoch_end;
};
[[nodiscard]] CallbackPtr LambdaCallback(LambdaCallbackOptions options);

struct ProgbarOptions {
  std::int64_t epochs = 1;  ///< the last epoch's number, as given to fit()
  std::function<void(const std::string& text, bool line_done)> show;  ///< line_done: the line is finished
};
/// Keras's progress lines as texts: "Epoch 2/10", then "  12/40 ━━━━━──── loss: 0.3127", and at the epoch's
/// end all figures. graft never prints: show does.
[[nodiscard]] CallbackPtr ProgbarLogger(ProgbarOptions options);

}  // namespace graft

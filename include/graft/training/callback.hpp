// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graft/models/model.hpp"
#include "graft/training/history.hpp"

namespace graft {

/// Where training is when a callback is called.
struct TrainingState {
  Model& model;
  std::int64_t epoch = 0;      ///< from 0
  std::size_t batch = 0;       ///< batches of the epoch that are done
  std::size_t batches = 0;     ///< of so many
  bool stop_training = false;  ///< set it to end training after this epoch
};

/// Watches training and may change it. Called from the thread that called fit().
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_train_begin(TrainingState& state) { (void)state; }
  virtual void on_train_end(TrainingState& state) { (void)state; }
  virtual void on_batch_end(TrainingState& state) { (void)state; }
  virtual void on_epoch_end(TrainingState& state, const EpochLog& log) { (void)state, (void)log; }
};

using CallbackPtr = std::shared_ptr<Callback>;

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";  ///< a figure; those named ...accuracy are to rise, others to fall
  double min_delta = 0;
  std::int64_t patience = 0;  ///< epochs without improvement that are borne
  bool restore_best_weights = false;
};
/// Ends training when a figure no longer improves (keras.callbacks.EarlyStopping).
[[nodiscard]] CallbackPtr EarlyStopping(const EarlyStoppingOptions& options = {});

/// Copies of weights, to go back to.
class WeightsSnapshot {
 public:
  explicit WeightsSnapshot(const std::vector<VariablePtr>& weights);
  /// Puts the copied values back.
  void restore() const;

 private:
  std::vector<std::pair<VariablePtr, Tensor>> values_;
};

}  // namespace graft

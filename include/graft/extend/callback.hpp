// SPDX-License-Identifier: Apache-2.0
// For authors of callbacks, which watch and steer training. The callbacks of graft:
// graft/training/callbacks.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graft/extend/history.hpp"
#include "graft/extend/optimizer.hpp"
#include "graft/json_fwd.hpp"
#include "graft/model.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// State in a form that files keep.
struct StateBag {
  JsonValue facts = JsonValue::object();  ///< numbers and texts: a JSON object, empty at first
  std::map<std::string, Tensor> tensors;  ///< by name; a copied bag shares their elements
};

/// The whole state of a running fit(): weights, optimizer, random state, position, figures, callbacks.
class TrainingSnapshots {
 public:
  virtual ~TrainingSnapshots() = default;
  /// Returns copies of everything.
  [[nodiscard]] virtual StateBag capture() const = 0;
  /// Restores it, in on_train_begin() only: fit() then continues as if it had never stopped. Throws
  /// Error{bad_file} when it belongs to another model or optimizer.
  virtual void restore(const StateBag& bag) = 0;
};

/// The position of a training when it calls a callback.
struct TrainingState {
  Model& model;                  ///< the model that trains
  Optimizer& optimizer;          ///< its optimizer: CompileOptions::optimizer
  TrainingSnapshots& snapshots;  ///< saves and restores the whole state
  std::int64_t epoch = 0;        ///< from 0
  std::size_t batch = 0;         ///< batches of the epoch that are done
  std::size_t batches = 0;       ///< batches of an epoch
  double loss = 0;               ///< mean over the epoch's batches so far, as Keras's logs["loss"]
  double batch_loss = 0;         ///< of the last batch
  bool stop_training = false;    ///< set it to end training after this batch, or after this epoch
};

/// Watches training and may change it. Called from the thread that called fit(), in the order of
/// FitOptions::callbacks. Callbacks are not part of a model's file: they need no registration.
class Callback {
 public:
  virtual ~Callback() = default;
  /// Called once, before the first epoch. The time for snapshots.restore().
  virtual void on_train_begin(TrainingState& state) { (void)state; }
  /// Called once, after the last epoch; not where fit() throws.
  virtual void on_train_end(TrainingState& state) { (void)state; }
  /// Called before the first batch of an epoch; not for an epoch that is resumed after some of its batches.
  virtual void on_epoch_begin(TrainingState& state) { (void)state; }
  /// Called before each step.
  virtual void on_batch_begin(TrainingState& state) { (void)state; }
  /// Called after each step, with state.loss and state.batch_loss of that step.
  virtual void on_batch_end(TrainingState& state) { (void)state; }
  /// Called after an epoch's batches and its validation. Figures may be added to the log: later callbacks and
  /// the History see them.
  virtual void on_epoch_end(TrainingState& state, EpochLog& log) { (void)state, (void)log; }
  /// Called before the validation of an epoch; not by evaluate().
  virtual void on_test_begin(TrainingState& state) { (void)state; }
  /// Called after the validation of an epoch; not by evaluate().
  virtual void on_test_end(TrainingState& state) { (void)state; }
  /// Called after on_batch_end() or on_epoch_end() of all callbacks: the time for snapshots.capture(). Not
  /// after a batch whose loss is not finite, nor after an epoch in which a batch set stop_training.
  virtual void on_safe_point(TrainingState& state) { (void)state; }
  /// True where this callback handles a loss that is not a number; else fit() throws Error{numeric}.
  [[nodiscard]] virtual bool handles_nan() const { return false; }
  /// Adds to the bag what the callback needs when training is resumed.
  virtual void save_state(StateBag& bag) const { (void)bag; }
  /// Restores what save_state() added. Called after on_train_begin(), only where training is resumed.
  virtual void load_state(const StateBag& bag) { (void)bag; }
};

/// A callback, shared by FitOptions and a caller that wants its results.
using CallbackPtr = std::shared_ptr<Callback>;

/// Copies of weights, for restoring them.
class WeightsSnapshot {
 public:
  /// Copies the values that the weights have now. Keeps the variables alive.
  explicit WeightsSnapshot(const std::vector<VariablePtr>& weights);
  /// Writes the copied values to the weights.
  void restore() const;
  /// Adds the copies to a bag as "prefix/0", "prefix/1", ...
  void save(StateBag& bag, const std::string& prefix) const;
  /// Reads the copies that save() added. Throws Error{bad_file} where they do not fit the weights.
  [[nodiscard]] static WeightsSnapshot load(const std::vector<VariablePtr>& weights, const StateBag& bag,
                                            const std::string& prefix);

 private:
  WeightsSnapshot() = default;
  std::vector<std::pair<VariablePtr, Tensor>> values_;
};

}  // namespace graft

#pragma GCC visibility pop

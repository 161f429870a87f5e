// SPDX-License-Identifier: Apache-2.0
// What watches and steers training. The callbacks that graft brings along: callbacks.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/extend/optimizer.hpp"
#include "graft/models/model.hpp"
#include "graft/training/history.hpp"

namespace graft {

/// Something's state for a later time: facts and named tensors.
struct StateBag {
  JsonValue facts = JsonValue::object();
  std::map<std::string, Tensor> tensors;
};

/// The whole state of a running fit(): weights, optimizer, random state, position, figures, callbacks.
class TrainingSnapshots {
 public:
  virtual ~TrainingSnapshots() = default;
  /// Copies of everything.
  [[nodiscard]] virtual StateBag capture() const = 0;
  /// Puts it back, in on_train_begin() only: fit() goes on behind it as if it had never stopped. Throws
  /// Error{bad_file} when it is of another model or optimizer.
  virtual void restore(const StateBag& bag) = 0;
};

/// Where training is when a callback is called.
struct TrainingState {
  Model& model;
  Optimizer& optimizer;
  TrainingSnapshots& snapshots;
  std::int64_t epoch = 0;      ///< from 0
  std::size_t batch = 0;       ///< batches of the epoch that are done
  std::size_t batches = 0;     ///< of so many
  double loss = 0;             ///< mean over the epoch's batches so far, as Keras's logs["loss"]
  double batch_loss = 0;       ///< of the last batch alone
  bool stop_training = false;  ///< set it to end training: after this batch, or after this epoch
};

/// Watches training and may change it. Called from the thread that called fit(), in the order in which fit()
/// was given them.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_train_begin(TrainingState& state) { (void)state; }
  virtual void on_train_end(TrainingState& state) { (void)state; }
  virtual void on_epoch_begin(TrainingState& state) { (void)state; }
  virtual void on_batch_begin(TrainingState& state) { (void)state; }
  virtual void on_batch_end(TrainingState& state) { (void)state; }
  /// log may be added to: later callbacks and the History see it.
  virtual void on_epoch_end(TrainingState& state, EpochLog& log) { (void)state, (void)log; }
  virtual void on_test_begin(TrainingState& state) { (void)state; }
  virtual void on_test_end(TrainingState& state) { (void)state; }
  /// After all callbacks have heard of a batch or an epoch: here snapshots.capture() is worth keeping.
  virtual void on_safe_point(TrainingState& state) { (void)state; }
  /// True where a loss that is not a number is this callback's to handle; else fit() throws Error{numeric}.
  [[nodiscard]] virtual bool handles_nan() const { return false; }
  /// What the callback must remember for training to go on later.
  virtual void save_state(StateBag& bag) const { (void)bag; }
  virtual void load_state(const StateBag& bag) { (void)bag; }
};

using CallbackPtr = std::shared_ptr<Callback>;

/// Copies of weights, to go back to.
class WeightsSnapshot {
 public:
  explicit WeightsSnapshot(const std::vector<VariablePtr>& weights);
  /// Puts the copied values back.
  void restore() const;
  /// Into and from a bag, under prefix and the weights' positions.
  void save(StateBag& bag, const std::string& prefix) const;
  [[nodiscard]] static WeightsSnapshot load(const std::vector<VariablePtr>& weights, const StateBag& bag,
                                            const std::string& prefix);

 private:
  WeightsSnapshot() = default;
  std::vector<std::pair<VariablePtr, Tensor>> values_;
};

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// The figures of a training.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace graft {

/// The figures of one epoch, in Keras's order and names: loss, accuracy, val_loss, val_accuracy,
/// learning_rate.
struct EpochLog {
  std::int64_t epoch = 0;  ///< from 0, as Keras counts
  std::vector<std::pair<std::string, double>> values;

  /// Null when there is no such figure.
  [[nodiscard]] const double* find(const std::string& name) const;
};

/// What fit() recorded (keras.callbacks.History).
class History {
 public:
  void add(EpochLog log) { epochs_.push_back(std::move(log)); }
  [[nodiscard]] const std::vector<EpochLog>& epochs() const { return epochs_; }
  /// One figure over all epochs: history["val_accuracy"]. Empty when it was not recorded.
  [[nodiscard]] std::vector<double> operator[](const std::string& name) const;
  /// Appends the epochs of a later fit().
  History& operator+=(const History& later);

 private:
  std::vector<EpochLog> epochs_;
};

}  // namespace graft

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
// Monitoring a figure: which direction is better, and whether it improved.
#pragma once

#include <optional>
#include <string>

#include "graft/training/callbacks.hpp"

namespace graft::training {

class FigureMonitor {
 public:
  struct Options {
    std::string callback;  ///< for messages
    std::string figure;
    Monitor mode = Monitor::automatic;
    double min_delta = 0;
  };
  /// Throws Error{invalid_argument} for a figure whose good direction is not known.
  explicit FigureMonitor(Options options);

  /// The figure. Throws Error{invalid_argument} where the log has none.
  [[nodiscard]] double read(const EpochLog& log) const;
  /// Whether value is better than reference by more than min_delta; always true without a reference.
  [[nodiscard]] bool improves(double value, const std::optional<double>& reference) const;

 private:
  Options options_;
  bool rises_ = false;
};

/// A number or null, without rounding.
[[nodiscard]] Json optional_json(const std::optional<double>& value);
[[nodiscard]] std::optional<double> optional_from(const Json& json);

}  // namespace graft::training

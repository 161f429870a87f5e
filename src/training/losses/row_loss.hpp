// SPDX-License-Identifier: Apache-2.0
// What all losses share: rows, labels, smoothing, weights, the mean.
#pragma once

#include <span>
#include <string>

#include "graft/base/json.hpp"
#include "graft/training/losses.hpp"

namespace graft::training {

// Keras's backend.epsilon(): probabilities are clipped to [epsilon, 1 - epsilon] before the logarithm.
constexpr double kEpsilon = 1e-7;

/// The form of labels, and how they are smoothed.
enum class LabelKind {
  sparse,       ///< (N,) integers: the class
  categorical,  ///< (N, K); smoothing spreads over the K classes
  binary,       ///< (N, K); smoothing moves towards one half
};

/// N and K of predictions (N, K); any axes between count as samples. Throws Error{shape_mismatch}.
struct Extent {
  std::size_t rows = 0, columns = 0;
};
[[nodiscard]] Extent extent_of(const Tensor& predictions, const std::string& who);

/// Labels row by row as numbers, of any supported type. Throws Error{shape_mismatch} or, for a class outside
/// the outputs, Error{invalid_argument}; who: for messages.
class LabelReader {
 public:
  LabelReader(const Tensor& labels, Extent extent, bool sparse, std::string who);
  void read(std::size_t row, std::span<double> target) const;
  /// True when every label is 0 or 1.
  [[nodiscard]] bool all_zero_or_one() const;

 private:
  [[nodiscard]] double at(std::size_t index) const;
  const Tensor& labels_;
  Extent extent_;
  bool sparse_;
  std::string who_;
};

/// One sample: its labels and the model's scores.
struct Row {
  std::span<const double> target;
  std::span<const float> scores;
  bool logits = false;
};

/// A loss that is a mean over samples.
class RowLoss : public Loss {
 public:
  struct Traits {
    const char* class_name = "";
    LabelKind labels = LabelKind::categorical;
    bool from_logits = false;
    double label_smoothing = 0;
    plan::FinalActivation absorbs = plan::FinalActivation::none;
  };
  explicit RowLoss(const Traits& traits);

  [[nodiscard]] double compute(const LossInput& input, Tensor* gradient) const override;
  [[nodiscard]] bool from_logits() const override { return traits_.from_logits; }
  [[nodiscard]] plan::FinalActivation absorbs() const override { return traits_.absorbs; }
  [[nodiscard]] Json config() const override;

 protected:
  /// Returns the sample's loss and fills slope, of scores' size, with d loss / d scores.
  virtual double row(const Row& row, std::span<double> slope) const = 0;
  /// Config beside name and reduction.
  [[nodiscard]] virtual Json own_config() const { return Json::object(); }
  [[nodiscard]] const Traits& traits() const { return traits_; }
  /// Whether labels 0 stand for -1 when the batch has only 0 and 1.
  [[nodiscard]] virtual bool zero_means_minus_one() const { return false; }

 private:
  Traits traits_;
  std::string name_;
};

/// Softmax over a row of logits, or the row's probabilities scaled to the sum 1. Returns the sum before.
double probabilities(const Row& row, std::span<double> out);

}  // namespace graft::training

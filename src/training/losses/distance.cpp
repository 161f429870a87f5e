// SPDX-License-Identifier: Apache-2.0
// Hinge losses and distances.
#include <algorithm>
#include <cmath>

#include "training/losses/row_loss.hpp"

namespace graft {
namespace {

using training::kEpsilon;
using training::Row;
using training::RowLoss;

/// A loss that is the mean over a row of a function of one label and one score.
class ElementLoss final : public RowLoss {
 public:
  struct Point {
    double value = 0, slope = 0;
  };
  using Function = Point (*)(double target, double score);
  ElementLoss(const char* class_name, Function function, bool hinge)
      : RowLoss({.class_name = class_name}), function_(function), hinge_(hinge) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    const auto columns = static_cast<double>(slope.size());
    double sum = 0;
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const Point point = function_(row.target[k], row.scores[k]);
      sum += point.value;
      slope[k] = point.slope / columns;
    }
    return sum / columns;
  }
  [[nodiscard]] bool zero_means_minus_one() const override { return hinge_; }

 private:
  Function function_;
  bool hinge_;
};

class CategoricalHingeLoss final : public RowLoss {
 public:
  CategoricalHingeLoss() : RowLoss({.class_name = "CategoricalHinge"}) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    double right = 0;
    double wrong = 0;
    std::size_t worst = 0;
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const double score = row.scores[k];
      right += row.target[k] * score;
      const double other = (1 - row.target[k]) * score;
      if (k == 0 || other > wrong) {
        wrong = other;
        worst = k;
      }
    }
    const double value = wrong - right + 1;
    for (std::size_t k = 0; k < slope.size(); ++k) slope[k] = value > 0 ? -row.target[k] : 0.0;
    if (value > 0) slope[worst] += 1 - row.target[worst];
    return std::max(value, 0.0);
  }
};

class DivergenceLoss final : public RowLoss {
 public:
  DivergenceLoss() : RowLoss({.class_name = "KLDivergence"}) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    double sum = 0;
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const double t = std::clamp(row.target[k], kEpsilon, 1.0);
      const double score = row.scores[k];
      const double p = std::clamp(score, kEpsilon, 1.0);
      sum += t * std::log(t / p);
      slope[k] = p == score ? -t / p : 0.0;
    }
    return sum;
  }
};

LossPtr element_loss(const char* class_name, ElementLoss::Function function, bool hinge = false) {
  return std::make_shared<ElementLoss>(class_name, function, hinge);
}

}  // namespace

LossPtr Hinge() {
  return element_loss(
      "Hinge",
      [](double y, double p) -> ElementLoss::Point {
        const double gap = 1 - y * p;
        return {std::max(gap, 0.0), gap > 0 ? -y : 0.0};
      },
      true);
}

LossPtr SquaredHinge() {
  return element_loss(
      "SquaredHinge",
      [](double y, double p) -> ElementLoss::Point {
        const double gap = std::max(1 - y * p, 0.0);
        return {gap * gap, -2 * y * gap};
      },
      true);
}

LossPtr MeanSquaredError() {
  return element_loss("MeanSquaredError", [](double y, double p) -> ElementLoss::Point {
    return {(y - p) * (y - p), 2 * (p - y)};
  });
}

LossPtr MeanAbsoluteError() {
  return element_loss("MeanAbsoluteError", [](double y, double p) -> ElementLoss::Point {
    return {std::abs(y - p), p > y ? 1.0 : p < y ? -1.0 : 0.0};
  });
}

LossPtr CategoricalHinge() { return std::make_shared<CategoricalHingeLoss>(); }
LossPtr KLDivergence() { return std::make_shared<DivergenceLoss>(); }

}  // namespace graft

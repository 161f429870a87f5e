// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "training/losses/fields.hpp"
#include "training/losses/row_loss.hpp"

namespace graft {
namespace {

using training::kEpsilon;
using training::LabelKind;
using training::Row;
using training::RowLoss;

/// A probability clipped away from 0 and 1, and whether it was inside already: else its slope is 0.
struct Clipped {
  double value = 0;
  bool inside = true;
};
Clipped clip(double p) {
  const double value = std::clamp(p, kEpsilon, 1 - kEpsilon);
  return {value, value == p};
}

/// A loss whose config is its options by a field list.
template <typename Options>
class LossWith : public RowLoss {
 public:
  LossWith(const Traits& traits, std::span<const Field> list, const Options& options)
      : RowLoss(traits), options_(options), list_(list) {}

 protected:
  [[nodiscard]] Json own_config() const final { return write_fields(list_, &options_); }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  Options options_;
  std::span<const Field> list_;
};

class BinaryCrossentropyLoss final : public LossWith<CrossentropyOptions> {
 public:
  explicit BinaryCrossentropyLoss(const CrossentropyOptions& o)
      : LossWith({.class_name = "BinaryCrossentropy",
                  .labels = LabelKind::binary,
                  .from_logits = o.from_logits,
                  .label_smoothing = o.label_smoothing,
                  .absorbs = plan::FinalActivation::sigmoid},
                 training::kCrossentropyFields.items, o) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    const auto columns = static_cast<double>(slope.size());
    double sum = 0;
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const double target = row.target[k];
      const double z = row.scores[k];
      if (row.logits) {
        sum += std::max(z, 0.0) - z * target + std::log1p(std::exp(-std::abs(z)));
        slope[k] = (1 / (1 + std::exp(-z)) - target) / columns;
      } else {
        const auto [q, inside] = clip(z);
        sum -= target * std::log(q) + (1 - target) * std::log(1 - q);
        slope[k] = inside ? (q - target) / (q * (1 - q)) / columns : 0.0;
      }
    }
    return sum / columns;
  }
};

/// Both categorical losses: they differ in the form of labels.
class CategoricalLoss final : public LossWith<CrossentropyOptions> {
 public:
  CategoricalLoss(const CrossentropyOptions& o, bool sparse)
      : LossWith({.class_name = sparse ? "SparseCategoricalCrossentropy" : "CategoricalCrossentropy",
                  .labels = sparse ? LabelKind::sparse : LabelKind::categorical,
                  .from_logits = o.from_logits,
                  .label_smoothing = sparse ? 0 : o.label_smoothing,
                  .absorbs = plan::FinalActivation::softmax},
                 sparse ? std::span<const Field>(training::kSparseCrossentropyFields.items)
                        : training::kCrossentropyFields.items,
                 o) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    const double norm = training::probabilities(row, slope);
    double total = 0;
    for (const double t : row.target) total += t;
    double sum = 0;
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const double target = row.target[k];
      const double q = slope[k];
      if (row.logits) {
        if (target != 0) sum -= target * log_softmax(row, k, q, norm);
        slope[k] = total * q - target;
      } else {
        if (target != 0) sum -= target * std::log(clip(q).value);
        slope[k] = (total - target / std::max(q, kEpsilon)) / norm;
      }
    }
    return sum;
  }

 private:
  /// log q, also where q itself underflows.
  static double log_softmax(const Row& row, std::size_t k, double q, double norm) {
    if (q > 0) return std::log(q);
    return static_cast<double>(row.scores[k]) - *std::ranges::max_element(row.scores) - std::log(norm);
  }
};

class BinaryFocalLoss final : public LossWith<FocalCrossentropyOptions> {
 public:
  explicit BinaryFocalLoss(const FocalCrossentropyOptions& o)
      : LossWith({.class_name = "BinaryFocalCrossentropy",
                  .labels = LabelKind::binary,
                  .from_logits = o.from_logits,
                  .label_smoothing = o.label_smoothing,
                  .absorbs = plan::FinalActivation::sigmoid},
                 training::kBinaryFocalFields.items, o) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    const auto columns = static_cast<double>(slope.size());
    const double gamma = options().gamma;
    double sum = 0;
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const double t = row.target[k];
      const double p = row.logits ? 1 / (1 + std::exp(-static_cast<double>(row.scores[k])))
                                  : static_cast<double>(row.scores[k]);
      const auto [q, inside] = clip(p);
      const double entropy = -(t * std::log(q) + (1 - t) * std::log(1 - q));
      const double wrong = 1 - (t * p + (1 - t) * (1 - p));
      const double factor = std::pow(wrong, gamma);
      const double balance =
          options().apply_class_balancing ? t * options().alpha + (1 - t) * (1 - options().alpha) : 1.0;
      sum += balance * factor * entropy;
      const double entropy_slope = inside ? (q - t) / (q * (1 - q)) : 0.0;
      const double factor_slope = gamma == 0 ? 0.0 : -gamma * std::pow(wrong, gamma - 1) * (2 * t - 1);
      const double by_p = balance * (factor * entropy_slope + factor_slope * entropy);
      slope[k] = by_p * (row.logits ? p * (1 - p) : 1.0) / columns;
    }
    return sum / columns;
  }
};

class CategoricalFocalLoss final : public LossWith<FocalCrossentropyOptions> {
 public:
  explicit CategoricalFocalLoss(const FocalCrossentropyOptions& o)
      : LossWith({.class_name = "CategoricalFocalCrossentropy",
                  .labels = LabelKind::categorical,
                  .from_logits = o.from_logits,
                  .label_smoothing = o.label_smoothing,
                  .absorbs = plan::FinalActivation::softmax},
                 training::kCategoricalFocalFields.items, o) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    std::vector<double> q(slope.size());
    const double norm = training::probabilities(row, q);
    double sum = 0;
    double mixed = 0;  // sum of slope times probability: what the normalisation takes away
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const auto [p, inside] = clip(q[k]);
      const double factor = options().alpha * std::pow(1 - p, options().gamma);
      sum -= factor * row.target[k] * std::log(p);
      const double factor_slope = options().alpha * options().gamma * std::pow(1 - p, options().gamma - 1);
      slope[k] = inside ? row.target[k] * (factor_slope * std::log(p) - factor / p) : 0.0;
      mixed += slope[k] * q[k];
    }
    for (std::size_t k = 0; k < slope.size(); ++k)
      slope[k] = (slope[k] - mixed) * (row.logits ? q[k] : 1 / norm);
    return sum;
  }
};

}  // namespace

LossPtr BinaryCrossentropy(const CrossentropyOptions& options) {
  return std::make_shared<BinaryCrossentropyLoss>(options);
}
LossPtr CategoricalCrossentropy(const CrossentropyOptions& options) {
  return std::make_shared<CategoricalLoss>(options, false);
}
LossPtr SparseCategoricalCrossentropy(const CrossentropyOptions& options) {
  return std::make_shared<CategoricalLoss>(options, true);
}
LossPtr BinaryFocalCrossentropy(const FocalCrossentropyOptions& options) {
  return std::make_shared<BinaryFocalLoss>(options);
}
LossPtr CategoricalFocalCrossentropy(const FocalCrossentropyOptions& options) {
  return std::make_shared<CategoricalFocalLoss>(options);
}

}  // namespace graft

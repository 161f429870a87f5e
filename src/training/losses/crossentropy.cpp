// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/json.hpp"

#include "training/losses/row_loss.hpp"

namespace graft {
namespace {

using training::kEpsilon;
using training::LabelKind;
using training::Row;
using training::RowLoss;

/// A probability kept off 0 and 1, and whether it was so by itself: else it has no slope.
struct Clipped {
  double value = 0;
  bool inside = true;
};
Clipped clip(double p) {
  const double value = std::clamp(p, kEpsilon, 1 - kEpsilon);
  return {value, value == p};
}

/// What crossentropies share in their config.
Json crossentropy_config(const RowLoss::Traits& traits) {
  return {{"from_logits", traits.from_logits}, {"label_smoothing", traits.label_smoothing}, {"axis", -1}};
}

class BinaryCrossentropyLoss final : public RowLoss {
 public:
  explicit BinaryCrossentropyLoss(const CrossentropyOptions& o)
      : RowLoss({.class_name = "BinaryCrossentropy",
                 .labels = LabelKind::binary,
                 .from_logits = o.from_logits,
                 .label_smoothing = o.label_smoothing,
                 .absorbs = plan::FinalActivation::sigmoid}) {}

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
  [[nodiscard]] Json own_config() const override { return crossentropy_config(traits()); }
};

/// Both categorical losses: they differ in how labels are written.
class CategoricalLoss final : public RowLoss {
 public:
  CategoricalLoss(const CrossentropyOptions& o, bool sparse)
      : RowLoss({.class_name = sparse ? "SparseCategoricalCrossentropy" : "CategoricalCrossentropy",
                 .labels = sparse ? LabelKind::sparse : LabelKind::categorical,
                 .from_logits = o.from_logits,
                 .label_smoothing = sparse ? 0 : o.label_smoothing,
                 .absorbs = plan::FinalActivation::softmax}) {}

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
  [[nodiscard]] Json own_config() const override {
    if (traits().labels != LabelKind::sparse) return crossentropy_config(traits());
    return {{"from_logits", traits().from_logits}, {"ignore_class", nullptr}};
  }

 private:
  /// log q, also where q itself is too small to be written.
  static double log_softmax(const Row& row, std::size_t k, double q, double norm) {
    if (q > 0) return std::log(q);
    return static_cast<double>(row.scores[k]) - *std::ranges::max_element(row.scores) - std::log(norm);
  }
};

Json focal_config(const FocalCrossentropyOptions& o, const RowLoss::Traits& traits) {
  Json config = crossentropy_config(traits);
  config["alpha"] = o.alpha;
  config["gamma"] = o.gamma;
  return config;
}

class BinaryFocalLoss final : public RowLoss {
 public:
  explicit BinaryFocalLoss(const FocalCrossentropyOptions& o)
      : RowLoss({.class_name = "BinaryFocalCrossentropy",
                 .labels = LabelKind::binary,
                 .from_logits = o.from_logits,
                 .label_smoothing = o.label_smoothing,
                 .absorbs = plan::FinalActivation::sigmoid}),
        options_(o) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    const auto columns = static_cast<double>(slope.size());
    const double gamma = options_.gamma;
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
          options_.apply_class_balancing ? t * options_.alpha + (1 - t) * (1 - options_.alpha) : 1.0;
      sum += balance * factor * entropy;
      const double entropy_slope = inside ? (q - t) / (q * (1 - q)) : 0.0;
      const double factor_slope = gamma == 0 ? 0.0 : -gamma * std::pow(wrong, gamma - 1) * (2 * t - 1);
      const double by_p = balance * (factor * entropy_slope + factor_slope * entropy);
      slope[k] = by_p * (row.logits ? p * (1 - p) : 1.0) / columns;
    }
    return sum / columns;
  }
  [[nodiscard]] Json own_config() const override {
    Json config = focal_config(options_, traits());
    config["apply_class_balancing"] = options_.apply_class_balancing;
    return config;
  }

 private:
  FocalCrossentropyOptions options_;
};

class CategoricalFocalLoss final : public RowLoss {
 public:
  explicit CategoricalFocalLoss(const FocalCrossentropyOptions& o)
      : RowLoss({.class_name = "CategoricalFocalCrossentropy",
                 .labels = LabelKind::categorical,
                 .from_logits = o.from_logits,
                 .label_smoothing = o.label_smoothing,
                 .absorbs = plan::FinalActivation::softmax}),
        options_(o) {}

 protected:
  double row(const Row& row, std::span<double> slope) const override {
    std::vector<double> q(slope.size());
    const double norm = training::probabilities(row, q);
    double sum = 0;
    double mixed = 0;  // sum of slope times probability: what the normalisation takes away
    for (std::size_t k = 0; k < slope.size(); ++k) {
      const auto [p, inside] = clip(q[k]);
      const double factor = options_.alpha * std::pow(1 - p, options_.gamma);
      sum -= factor * row.target[k] * std::log(p);
      const double factor_slope = options_.alpha * options_.gamma * std::pow(1 - p, options_.gamma - 1);
      slope[k] = inside ? row.target[k] * (factor_slope * std::log(p) - factor / p) : 0.0;
      mixed += slope[k] * q[k];
    }
    for (std::size_t k = 0; k < slope.size(); ++k)
      slope[k] = (slope[k] - mixed) * (row.logits ? q[k] : 1 / norm);
    return sum;
  }
  [[nodiscard]] Json own_config() const override { return focal_config(options_, traits()); }

 private:
  FocalCrossentropyOptions options_;
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

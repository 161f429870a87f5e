// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/training/loss.hpp"

namespace graft {
namespace {

// Keras's backend.epsilon(): probabilities are clipped to [epsilon, 1 - epsilon] before the logarithm.
constexpr double kEpsilon = 1e-7;

/// N and K of predictions (N, K); any axes between count as samples.
struct Extent {
  std::size_t rows = 0, columns = 0;
};

Extent extent_of(const Tensor& predictions) {
  if (predictions.shape().rank() < 2) {
    fail(ErrorKind::shape_mismatch, "loss: expected predictions (N, K), received ", predictions.shape());
  }
  const auto columns = static_cast<std::size_t>(predictions.shape()[-1]);
  return {static_cast<std::size_t>(predictions.count()) / std::max<std::size_t>(columns, 1), columns};
}

double weight_of(const Tensor& sample_weight, std::size_t row) {
  return sample_weight.empty() ? 1.0 : static_cast<double>(sample_weight.data<float>()[row]);
}

void check_weights(const LossInput& input, std::size_t rows) {
  if (!input.sample_weight.empty() && static_cast<std::size_t>(input.sample_weight.count()) != rows) {
    fail(ErrorKind::shape_mismatch, "sample_weight: expected one number for each of ", rows,
         " samples, received ", input.sample_weight.shape());
  }
}

Json keras_loss(const char* class_name, bool from_logits) {
  return {{"module", "keras.losses"},
          {"class_name", class_name},
          {"config", {{"from_logits", from_logits}}},
          {"registered_name", nullptr}};
}

class BinaryCrossentropyLoss final : public Loss {
 public:
  explicit BinaryCrossentropyLoss(const CrossentropyOptions& options) : options_(options) {}

  [[nodiscard]] double compute(const LossInput& input, Tensor* gradient) const override {
    const Extent extent = check(input);
    const auto p = input.predictions.data<float>();
    const auto y = input.labels.data<float>();
    const double scale = 1.0 / static_cast<double>(p.size());
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double weight = weight_of(input.sample_weight, i / extent.columns);
      const double target = y[i];
      double slope = 0;
      double value = 0;
      if (input.logits) {
        const double z = p[i];
        value = std::max(z, 0.0) - z * target + std::log1p(std::exp(-std::abs(z)));
        slope = 1 / (1 + std::exp(-z)) - target;
      } else {
        const double q = std::clamp(static_cast<double>(p[i]), kEpsilon, 1 - kEpsilon);
        value = -(target * std::log(q) + (1 - target) * std::log(1 - q));
        slope = q == static_cast<double>(p[i]) ? (q - target) / (q * (1 - q)) : 0.0;
      }
      sum += weight * value;
      if (gradient != nullptr) gradient->data<float>()[i] = static_cast<float>(weight * slope * scale);
    }
    return sum * scale;
  }

  [[nodiscard]] std::int64_t count_correct(const LossInput& input) const override {
    (void)check(input);
    const auto p = input.predictions.data<float>();
    const auto y = input.labels.data<float>();
    const float threshold = input.logits ? 0.0F : 0.5F;
    std::int64_t correct = 0;
    for (std::size_t i = 0; i < p.size(); ++i) correct += (p[i] > threshold) == (y[i] > 0.5F) ? 1 : 0;
    return correct;
  }

  [[nodiscard]] bool from_logits() const override { return options_.from_logits; }
  [[nodiscard]] plan::FinalActivation absorbs() const override { return plan::FinalActivation::sigmoid; }
  [[nodiscard]] Json config() const override {
    return keras_loss("BinaryCrossentropy", options_.from_logits);
  }

 private:
  static Extent check(const LossInput& input) {
    const Extent extent = extent_of(input.predictions);
    if (input.labels.count() != input.predictions.count()) {
      fail(ErrorKind::shape_mismatch, "binary_crossentropy: expected labels of the predictions' shape ",
           input.predictions.shape(), ", received ", input.labels.shape(), "; use label_mode=binary");
    }
    check_weights(input, extent.rows);
    return extent;
  }
  CrossentropyOptions options_;
};

/// Softmax over a row of logits, or the row's probabilities made to sum to one and clipped as Keras does.
void probabilities(std::span<const float> row, bool logits, std::vector<double>& out) {
  double sum = 0;
  const double most = logits ? static_cast<double>(*std::ranges::max_element(row)) : 0.0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    out[k] = logits ? std::exp(static_cast<double>(row[k]) - most) : static_cast<double>(row[k]);
    sum += out[k];
  }
  for (double& q : out) q /= sum;
}

/// Both categorical losses: they differ in how labels are written.
class CategoricalLoss final : public Loss {
 public:
  CategoricalLoss(const CrossentropyOptions& options, bool sparse) : options_(options), sparse_(sparse) {}

  [[nodiscard]] double compute(const LossInput& input, Tensor* gradient) const override {
    const Extent extent = check(input);
    const auto p = input.predictions.data<float>();
    std::vector<double> q(extent.columns);
    std::vector<double> target(extent.columns);
    const double scale = 1.0 / static_cast<double>(extent.rows);
    double sum = 0;
    for (std::size_t row = 0; row < extent.rows; ++row) {
      const auto scores = p.subspan(row * extent.columns, extent.columns);
      probabilities(scores, input.logits, q);
      read_target(input, row, target);
      const double weight = weight_of(input.sample_weight, row);
      double total = 0;
      for (std::size_t k = 0; k < extent.columns; ++k) {
        total += target[k];
        if (target[k] > 0)
          sum -=
              weight * target[k] * std::log(input.logits ? q[k] : std::clamp(q[k], kEpsilon, 1 - kEpsilon));
      }
      if (gradient == nullptr) continue;
      for (std::size_t k = 0; k < extent.columns; ++k) {
        // By a probability p_k that is divided by the row's sum (about 1): total - target / p.
        const double slope =
            input.logits ? total * q[k] - target[k] : total - target[k] / std::max(q[k], kEpsilon);
        gradient->data<float>()[row * extent.columns + k] = static_cast<float>(weight * slope * scale);
      }
    }
    return sum * scale;
  }

  [[nodiscard]] std::int64_t count_correct(const LossInput& input) const override {
    const Extent extent = check(input);
    std::vector<double> target(extent.columns);
    std::int64_t correct = 0;
    for (std::size_t row = 0; row < extent.rows; ++row) {
      read_target(input, row, target);
      const auto scores = input.predictions.data<float>().subspan(row * extent.columns, extent.columns);
      const auto predicted = std::ranges::max_element(scores) - scores.begin();
      correct += predicted == std::ranges::max_element(target) - target.begin() ? 1 : 0;
    }
    return correct;
  }

  [[nodiscard]] bool from_logits() const override { return options_.from_logits; }
  [[nodiscard]] plan::FinalActivation absorbs() const override { return plan::FinalActivation::softmax; }
  [[nodiscard]] Json config() const override {
    return keras_loss(sparse_ ? "SparseCategoricalCrossentropy" : "CategoricalCrossentropy",
                      options_.from_logits);
  }

 private:
  [[nodiscard]] Extent check(const LossInput& input) const {
    const Extent extent = extent_of(input.predictions);
    const std::int64_t expected =
        static_cast<std::int64_t>(sparse_ ? extent.rows : extent.rows * extent.columns);
    if (input.labels.count() != expected) {
      fail(ErrorKind::shape_mismatch,
           sparse_ ? "sparse_categorical_crossentropy: expected labels (N,)"
                   : "categorical_crossentropy: expected one-hot labels (N, K)",
           " for predictions ", input.predictions.shape(), ", received ", input.labels.shape());
    }
    check_weights(input, extent.rows);
    return extent;
  }

  void read_target(const LossInput& input, std::size_t row, std::vector<double>& target) const {
    if (!sparse_) {
      const auto y = input.labels.data<float>().subspan(row * target.size(), target.size());
      std::ranges::copy(y, target.begin());
      return;
    }
    const std::int32_t label = input.labels.data<std::int32_t>()[row];
    if (label < 0 || static_cast<std::size_t>(label) >= target.size()) {
      fail(ErrorKind::invalid_argument, "sparse_categorical_crossentropy: label ", label, " is outside 0..",
           target.size() - 1, ", the model's outputs");
    }
    std::ranges::fill(target, 0.0);
    target[static_cast<std::size_t>(label)] = 1;
  }

  CrossentropyOptions options_;
  bool sparse_;
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

LossPtr loss_from_name(const std::string& name) {
  if (name == "binary_crossentropy") return BinaryCrossentropy();
  if (name == "categorical_crossentropy") return CategoricalCrossentropy();
  if (name == "sparse_categorical_crossentropy") return SparseCategoricalCrossentropy();
  fail(ErrorKind::invalid_argument, "loss '", name, "' is not known; known are binary_crossentropy, ",
       "categorical_crossentropy, sparse_categorical_crossentropy");
}

}  // namespace graft

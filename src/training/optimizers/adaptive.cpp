// SPDX-License-Identifier: Apache-2.0
// RMSprop, Adagrad, Adadelta: gradients divided by their own size so far.
#include <cmath>

#include "training/elements.hpp"
#include "training/optimizers/fields.hpp"

namespace graft {
namespace {

class RMSpropOptimizer final : public training::OptimizerWith<RMSpropOptions> {
 public:
  explicit RMSpropOptimizer(const RMSpropOptions& o)
      : OptimizerWith("RMSprop", training::kRmspropFields.items, o) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    std::vector<Slot> all{{.name = "velocity"}};
    if (options_.momentum > 0) all.push_back({.name = "momentum", .group = 1});
    if (options_.centered) all.push_back({.name = "average_gradient", .group = 2});
    return all;
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* velocity = step.slots[0];
    float* buffer = options_.momentum > 0 ? step.slots[1] : nullptr;
    float* mean = options_.centered ? step.slots.back() : nullptr;
    const float rate = step.learning_rate;
    const auto rho = static_cast<float>(options_.rho);
    const auto rest = static_cast<float>(1 - options_.rho);
    const auto momentum = static_cast<float>(options_.momentum);
    const auto epsilon = static_cast<float>(options_.epsilon);
    training::for_elements(step.count, [=](std::size_t i) {
      velocity[i] = rho * velocity[i] + rest * (g[i] * g[i]);
      float denominator = velocity[i];
      if (mean != nullptr) {
        mean[i] = rho * mean[i] + rest * g[i];
        denominator -= mean[i] * mean[i];
      }
      const float increment = rate * g[i] / std::sqrt(denominator + epsilon);
      if (buffer == nullptr) {
        w[i] -= increment;
      } else {
        buffer[i] = momentum * buffer[i] + increment;
        w[i] -= buffer[i];
      }
    });
  }
};

class AdagradOptimizer final : public training::OptimizerWith<AdagradOptions> {
 public:
  explicit AdagradOptimizer(const AdagradOptions& o)
      : OptimizerWith("Adagrad", training::kAdagradFields.items, o) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    return {{.name = "accumulator", .initial = static_cast<float>(options_.initial_accumulator_value)}};
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* sum = step.slots[0];
    const auto epsilon = static_cast<float>(options_.epsilon);
    const float rate = step.learning_rate;
    training::for_elements(step.count, [=](std::size_t i) {
      sum[i] += g[i] * g[i];
      w[i] -= rate * g[i] / std::sqrt(sum[i] + epsilon);
    });
  }
};

class AdadeltaOptimizer final : public training::OptimizerWith<AdadeltaOptions> {
 public:
  explicit AdadeltaOptimizer(const AdadeltaOptions& o)
      : OptimizerWith("Adadelta", training::kAdadeltaFields.items, o) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    return {{.name = "accumulated_grad"}, {.name = "accumulated_delta_var"}};
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* gradients = step.slots[0];
    float* steps = step.slots[1];
    const auto rho = static_cast<float>(options_.rho);
    const auto rest = static_cast<float>(1 - options_.rho);
    const auto epsilon = static_cast<float>(options_.epsilon);
    const float rate = step.learning_rate;
    training::for_elements(step.count, [=](std::size_t i) {
      gradients[i] = rho * gradients[i] + rest * (g[i] * g[i]);
      const float delta = -(std::sqrt(steps[i] + epsilon) * g[i] / std::sqrt(gradients[i] + epsilon));
      steps[i] = rho * steps[i] + rest * (delta * delta);
      w[i] += rate * delta;
    });
  }
};

}  // namespace

OptimizerPtr RMSprop(const RMSpropOptions& options) { return std::make_shared<RMSpropOptimizer>(options); }
OptimizerPtr Adagrad(const AdagradOptions& options) { return std::make_shared<AdagradOptimizer>(options); }
OptimizerPtr Adadelta(const AdadeltaOptions& options) { return std::make_shared<AdadeltaOptimizer>(options); }

}  // namespace graft

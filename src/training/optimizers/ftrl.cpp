// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"

#include "training/elements.hpp"
#include "training/optimizers/fields.hpp"

namespace graft {
namespace {

class FtrlOptimizer final : public training::OptimizerWith<FtrlOptions> {
 public:
  explicit FtrlOptimizer(const FtrlOptions& o) : OptimizerWith("Ftrl", training::kFtrlFields.items, o) {
    const auto at_least_zero = [](const char* key, double value) {
      if (!(value >= 0))
        fail(ErrorKind::invalid_argument, "Ftrl: ", key, ": expected 0 or more, received ", value);
    };
    at_least_zero("initial_accumulator_value", o.initial_accumulator_value);
    at_least_zero("-learning_rate_power", -o.learning_rate_power);
    at_least_zero("l1_regularization_strength", o.l1_regularization_strength);
    at_least_zero("l2_regularization_strength", o.l2_regularization_strength);
    at_least_zero("l2_shrinkage_regularization_strength", o.l2_shrinkage_regularization_strength);
  }

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    return {{.name = "accumulator", .initial = static_cast<float>(options_.initial_accumulator_value)},
            {.name = "linear"}};
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* sum = step.slots[0];
    float* linear = step.slots[1];
    const float rate = step.learning_rate;
    const auto power = static_cast<float>(-options_.learning_rate_power);
    const auto l1 = static_cast<float>(options_.l1_regularization_strength);
    const float l2 = 2 * (static_cast<float>(options_.l2_regularization_strength) +
                          static_cast<float>(options_.beta) / (2.0F * rate));
    const auto shrinkage = static_cast<float>(2 * options_.l2_shrinkage_regularization_strength);
    training::for_elements(step.count, [=](std::size_t i) {
      const float used = g[i] + shrinkage * w[i];
      const float next = sum[i] + g[i] * g[i];
      const float next_power = std::pow(next, power);
      linear[i] += used - (next_power - std::pow(sum[i], power)) / rate * w[i];
      w[i] = (std::clamp(linear[i], -l1, l1) - linear[i]) / (next_power / rate + l2);
      sum[i] = next;
    });
  }
};

}  // namespace

OptimizerPtr Ftrl(const FtrlOptions& options) { return std::make_shared<FtrlOptimizer>(options); }

}  // namespace graft

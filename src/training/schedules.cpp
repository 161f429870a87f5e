// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/training/optimizer.hpp"

namespace graft {
namespace {

Json schedule_config(const char* class_name, Json config) {
  return {{"module", "keras.optimizers.schedules"},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

}  // namespace

LearningRate ExponentialDecay(const ExponentialDecayOptions& o) {
  auto rate = [o](std::int64_t step) {
    double exponent = static_cast<double>(step) / static_cast<double>(o.decay_steps);
    if (o.staircase) exponent = std::floor(exponent);
    return o.initial_learning_rate * std::pow(o.decay_rate, exponent);
  };
  return {rate, schedule_config("ExponentialDecay", {{"initial_learning_rate", o.initial_learning_rate},
                                                     {"decay_steps", o.decay_steps},
                                                     {"decay_rate", o.decay_rate},
                                                     {"staircase", o.staircase}})};
}

LearningRate CosineDecay(const CosineDecayOptions& o) {
  auto rate = [o](std::int64_t step) {
    const double part =
        static_cast<double>(std::min(step, o.decay_steps)) / static_cast<double>(o.decay_steps);
    const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * part));
    return o.initial_learning_rate * ((1 - o.alpha) * cosine + o.alpha);
  };
  return {rate, schedule_config("CosineDecay", {{"initial_learning_rate", o.initial_learning_rate},
                                                {"decay_steps", o.decay_steps},
                                                {"alpha", o.alpha}})};
}

}  // namespace graft

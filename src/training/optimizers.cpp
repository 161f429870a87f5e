// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "graft/base/parallel.hpp"
#include "graft/training/optimizer.hpp"

namespace graft {
namespace {

constexpr std::size_t kGrain = 16384;  // elements a thread takes at least: less is not worth waking one

/// Calls each(i) for all elements, on the kernel threads. The loops touch nothing twice, so threads do not
/// matter.
template <typename Each>
void for_elements(std::size_t count, const Each& each) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) each(i);
  });
}

class SGDOptimizer final : public Optimizer {
 public:
  explicit SGDOptimizer(const SGDOptions& o)
      : Optimizer("SGD", o.learning_rate, o.gradient_accumulation_steps), options_(o) {}

 protected:
  [[nodiscard]] std::size_t slot_count() const override { return options_.momentum != 0 ? 1 : 0; }

  void update(std::span<float> weight, std::span<const float> gradient, Slots& slots, double learning_rate,
              std::int64_t) override {
    float* w = weight.data();
    const float* g = gradient.data();
    const auto rate = static_cast<float>(learning_rate);
    if (options_.momentum == 0) {
      for_elements(weight.size(), [=](std::size_t i) { w[i] -= rate * g[i]; });
      return;
    }
    const auto momentum = static_cast<float>(options_.momentum);
    float* v = slots[0].data<float>().data();
    const bool nesterov = options_.nesterov;
    for_elements(weight.size(), [=](std::size_t i) {
      v[i] = momentum * v[i] - rate * g[i];
      w[i] += nesterov ? momentum * v[i] - rate * g[i] : v[i];
    });
  }

  [[nodiscard]] Json own_config() const override {
    return {{"momentum", options_.momentum}, {"nesterov", options_.nesterov}};
  }

 private:
  SGDOptions options_;
};

class RMSpropOptimizer final : public Optimizer {
 public:
  explicit RMSpropOptimizer(const RMSpropOptions& o)
      : Optimizer("RMSprop", o.learning_rate, o.gradient_accumulation_steps), options_(o) {}

 protected:
  [[nodiscard]] std::size_t slot_count() const override { return 3; }

  void update(std::span<float> weight, std::span<const float> gradient, Slots& slots, double learning_rate,
              std::int64_t) override {
    float* w = weight.data();
    const float* g = gradient.data();
    float* velocity = slots[0].data<float>().data();
    float* mean = options_.centered ? slots[1].data<float>().data() : nullptr;
    float* buffer = options_.momentum > 0 ? slots[2].data<float>().data() : nullptr;
    const auto rate = static_cast<float>(learning_rate);
    const auto rho = static_cast<float>(options_.rho);
    const auto momentum = static_cast<float>(options_.momentum);
    const auto epsilon = static_cast<float>(options_.epsilon);
    for_elements(weight.size(), [=](std::size_t i) {
      velocity[i] = rho * velocity[i] + (1.0F - rho) * g[i] * g[i];
      float denominator = velocity[i] + epsilon;
      if (mean != nullptr) {
        mean[i] = rho * mean[i] + (1.0F - rho) * g[i];
        denominator -= mean[i] * mean[i];
      }
      const float increment = rate * g[i] / std::sqrt(denominator);
      if (buffer == nullptr) {
        w[i] -= increment;
      } else {
        buffer[i] = momentum * buffer[i] + increment;
        w[i] -= buffer[i];
      }
    });
  }

  [[nodiscard]] Json own_config() const override {
    return {{"rho", options_.rho},
            {"momentum", options_.momentum},
            {"epsilon", options_.epsilon},
            {"centered", options_.centered}};
  }

 private:
  RMSpropOptions options_;
};

class AdamOptimizer final : public Optimizer {
 public:
  explicit AdamOptimizer(const AdamOptions& o)
      : Optimizer("Adam", o.learning_rate, o.gradient_accumulation_steps), options_(o) {}

 protected:
  [[nodiscard]] std::size_t slot_count() const override { return 2; }

  void update(std::span<float> weight, std::span<const float> gradient, Slots& slots, double learning_rate,
              std::int64_t step) override {
    float* w = weight.data();
    const float* g = gradient.data();
    float* m = slots[0].data<float>().data();
    float* v = slots[1].data<float>().data();
    const double t = static_cast<double>(step);
    const auto rate = static_cast<float>(learning_rate * std::sqrt(1 - std::pow(options_.beta_2, t)) /
                                         (1 - std::pow(options_.beta_1, t)));
    const auto rest_1 = static_cast<float>(1 - options_.beta_1);
    const auto rest_2 = static_cast<float>(1 - options_.beta_2);
    const auto epsilon = static_cast<float>(options_.epsilon);
    for_elements(weight.size(), [=](std::size_t i) {
      m[i] += (g[i] - m[i]) * rest_1;
      v[i] += (g[i] * g[i] - v[i]) * rest_2;
      w[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
    });
  }

  [[nodiscard]] Json own_config() const override {
    return {{"beta_1", options_.beta_1}, {"beta_2", options_.beta_2}, {"epsilon", options_.epsilon}};
  }

 private:
  AdamOptions options_;
};

}  // namespace

OptimizerPtr SGD(const SGDOptions& options) { return std::make_shared<SGDOptimizer>(options); }
OptimizerPtr RMSprop(const RMSpropOptions& options) { return std::make_shared<RMSpropOptimizer>(options); }
OptimizerPtr Adam(const AdamOptions& options) { return std::make_shared<AdamOptimizer>(options); }

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0

#include "graft/base/json.hpp"

#include "training/elements.hpp"
#include "training/optimizers/readers.hpp"

namespace graft {
namespace {

class SGDOptimizer final : public Optimizer {
 public:
  explicit SGDOptimizer(const SGDOptions& o) : Optimizer("SGD", o.learning_rate, o.shared), options_(o) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    if (options_.momentum == 0) return {};
    return {{.name = "momentum"}};
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    const float rate = step.learning_rate;
    if (options_.momentum == 0) {
      training::for_elements(step.count, [=](std::size_t i) { w[i] -= rate * g[i]; });
      return;
    }
    const auto momentum = static_cast<float>(options_.momentum);
    float* v = step.slots[0];
    const bool nesterov = options_.nesterov;
    training::for_elements(step.count, [=](std::size_t i) {
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

}  // namespace

OptimizerPtr SGD(const SGDOptions& options) { return std::make_shared<SGDOptimizer>(options); }

OptimizerPtr training::read_sgd(const OptimizerSource& source) {
  return SGD({.learning_rate = source.learning_rate,
              .momentum = source.settings.number("momentum", 0),
              .nesterov = source.settings.boolean("nesterov", false),
              .shared = source.shared});
}

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include "training/elements.hpp"
#include "training/optimizers/fields.hpp"

namespace graft {
namespace {

class SGDOptimizer final : public training::OptimizerWith<SGDOptions> {
 public:
  explicit SGDOptimizer(const SGDOptions& o) : OptimizerWith("SGD", training::kSgdFields.items, o) {}

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
};

}  // namespace

OptimizerPtr SGD(const SGDOptions& options) { return std::make_shared<SGDOptimizer>(options); }

}  // namespace graft

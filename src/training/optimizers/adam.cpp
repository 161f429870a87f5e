// SPDX-License-Identifier: Apache-2.0
// Adam and its variants. Scalars are float32 where Keras's are: 1 - beta^t loses digits there too.
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"

#include "training/elements.hpp"
#include "training/optimizers/fields.hpp"

namespace graft {
namespace {

/// What they share: options, and the slots momentum and a second one.
class AdamFamily : public training::OptimizerWith<AdamOptions> {
 public:
  AdamFamily(const char* class_name, const char* second_slot, std::span<const Field> list,
             const AdamOptions& o)
      : OptimizerWith(class_name, list, o), second_slot_(second_slot) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    return {{.name = "momentum"}, {.name = second_slot_}};
  }
  [[nodiscard]] const AdamOptions& adam() const { return options_; }
  /// beta^t in float32.
  static float power(double beta, std::int64_t t) {
    return std::pow(static_cast<float>(beta), static_cast<float>(t));
  }
  static void refuse_amsgrad(const AdamOptions& options, const char* name) {
    if (options.amsgrad) fail(ErrorKind::invalid_argument, name, ": amsgrad is not supported; use Adam");
  }

 private:
  const char* second_slot_;
};

class AdamOptimizer final : public AdamFamily {
 public:
  AdamOptimizer(const char* class_name, const AdamOptions& o)
      : AdamFamily(class_name, "velocity", training::kAdamFields.items, o) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override {
    std::vector<Slot> all = AdamFamily::slots();
    if (adam().amsgrad) all.push_back({.name = "velocity_hat", .group = 1});
    return all;
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* m = step.slots[0];
    float* v = step.slots[1];
    float* most = adam().amsgrad ? step.slots[2] : nullptr;
    const float rate = step.learning_rate * std::sqrt(1.0F - power(adam().beta_2, step.number)) /
                       (1.0F - power(adam().beta_1, step.number));
    const auto rest_1 = static_cast<float>(1 - adam().beta_1);
    const auto rest_2 = static_cast<float>(1 - adam().beta_2);
    const auto epsilon = static_cast<float>(adam().epsilon);
    const auto moments = [=](std::size_t i) {
      m[i] += (g[i] - m[i]) * rest_1;
      v[i] += (g[i] * g[i] - v[i]) * rest_2;
    };
    if (most == nullptr) {
      training::for_elements(step.count, [=](std::size_t i) {
        moments(i);
        w[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
      });
      return;
    }
    training::for_elements(step.count, [=](std::size_t i) {
      moments(i);
      most[i] = std::max(most[i], v[i]);
      w[i] -= rate * m[i] / (std::sqrt(most[i]) + epsilon);
    });
  }
};

class NadamOptimizer final : public AdamFamily {
 public:
  explicit NadamOptimizer(const AdamOptions& o)
      : AdamFamily("Nadam", "velocity", training::kNoAmsgradFields.items, o) {
    refuse_amsgrad(o, "Nadam");
  }

 protected:
  /// The momentum of step t: it grows towards beta_1.
  [[nodiscard]] float momentum_of(std::int64_t t) const {
    return static_cast<float>(adam().beta_1) * (1.0F - 0.5F * power(0.96, t));
  }

  void begin_step(std::int64_t number) override {
    float& product = product_.data<float>()[0];
    product = product * static_cast<float>(adam().beta_1) * (1.0F - 0.5F * power(0.96, number));
  }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* m = step.slots[0];
    float* v = step.slots[1];
    const float u = momentum_of(step.number);
    const float next = momentum_of(step.number + 1);
    const float product = product_.data<float>()[0];
    const float rest_m = 1.0F - product * next;
    const float rest_g = 1.0F - product;
    const float rest_v = 1.0F - power(adam().beta_2, step.number);
    const float rest_1 = 1.0F - static_cast<float>(adam().beta_1);
    const float rest_2 = 1.0F - static_cast<float>(adam().beta_2);
    const auto epsilon = static_cast<float>(adam().epsilon);
    const float rate = step.learning_rate;
    training::for_elements(step.count, [=](std::size_t i) {
      m[i] += (g[i] - m[i]) * rest_1;
      v[i] += (g[i] * g[i] - v[i]) * rest_2;
      const float mean = next * m[i] / rest_m + (1.0F - u) * g[i] / rest_g;
      w[i] -= mean * rate / (std::sqrt(v[i] / rest_v) + epsilon);
    });
  }

  [[nodiscard]] std::vector<OptimizerVariable> own_variables() const override {
    return {{"variable", product_}};
  }

 private:
  Tensor product_ = Tensor::full(Shape{}, 1);  ///< of all steps' momenta
};

class AdamaxOptimizer final : public AdamFamily {
 public:
  explicit AdamaxOptimizer(const AdamOptions& o)
      : AdamFamily("Adamax", "norm", training::kNoAmsgradFields.items, o) {
    refuse_amsgrad(o, "Adamax");
  }

 protected:
  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* m = step.slots[0];
    float* u = step.slots[1];
    const float rest = 1.0F - power(adam().beta_1, step.number);
    const auto rest_1 = static_cast<float>(1 - adam().beta_1);
    const auto beta_2 = static_cast<float>(adam().beta_2);
    const auto epsilon = static_cast<float>(adam().epsilon);
    const float rate = step.learning_rate;
    training::for_elements(step.count, [=](std::size_t i) {
      m[i] += (g[i] - m[i]) * rest_1;
      u[i] = std::max(beta_2 * u[i], std::abs(g[i]));
      w[i] -= rate * m[i] / (rest * (u[i] + epsilon));
    });
  }
};

class LionOptimizer final : public training::OptimizerWith<LionOptions> {
 public:
  explicit LionOptimizer(const LionOptions& o) : OptimizerWith("Lion", training::kLionFields.items, o) {
    if (!(o.beta_1 > 0 && o.beta_1 <= 1))
      fail(ErrorKind::invalid_argument, "Lion: beta_1: expected above 0 and at most 1, received ", o.beta_1);
  }

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override { return {{.name = "momentum"}}; }

  void update(const Step& step) const override {
    float* w = step.weight;
    const float* g = step.gradient;
    float* m = step.slots[0];
    const auto beta_1 = static_cast<float>(options_.beta_1);
    const auto beta_2 = static_cast<float>(options_.beta_2);
    const float rate = step.learning_rate;
    training::for_elements(step.count, [=](std::size_t i) {
      const float direction = m[i] * beta_1 + g[i] * (1.0F - beta_1);
      w[i] -= direction > 0 ? rate : direction < 0 ? -rate : 0.0F;
      m[i] = m[i] * beta_2 + g[i] * (1.0F - beta_2);
    });
  }
};

}  // namespace

OptimizerPtr Adam(const AdamOptions& options) { return std::make_shared<AdamOptimizer>("Adam", options); }

OptimizerPtr AdamW(const AdamOptions& given) {
  AdamOptions options = given;
  if (!options.shared.weight_decay) options.shared.weight_decay = 0.004;
  return std::make_shared<AdamOptimizer>("AdamW", options);
}

OptimizerPtr Nadam(const AdamOptions& options) { return std::make_shared<NadamOptimizer>(options); }
OptimizerPtr Adamax(const AdamOptions& options) { return std::make_shared<AdamaxOptimizer>(options); }
OptimizerPtr Lion(const LionOptions& options) { return std::make_shared<LionOptimizer>(options); }

}  // namespace graft

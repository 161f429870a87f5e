// SPDX-License-Identifier: Apache-2.0
#include "training/activity_rules.hpp"

#include "graft/base/fail.hpp"
#include "graft/layers/values.hpp"

namespace graft::training {
namespace {

layers::Regularizer regularizer_of(const plan::Activity& activity) {
  if (activity.rule.starts_with('{')) {
    fail(ErrorKind::unsupported, "layer '", activity.layer,
         "': activity_regularizer is of a class that graft does not know: ", activity.rule.substr(0, 120));
  }
  return layers::Regularizer(activity.rule);
}

}  // namespace

double activity_penalty(const std::vector<plan::Activity>& activities) {
  double total = 0;
  for (const plan::Activity& one : activities)
    total += regularizer_of(one).penalty(one.value) / static_cast<double>(one.value.shape()[0]);
  return total;
}

std::vector<Tensor> activity_gradients(const std::vector<plan::Activity>& activities) {
  std::vector<Tensor> gradients;
  for (const plan::Activity& one : activities) {
    Tensor gradient(one.value.shape());
    regularizer_of(one).add_gradient(one.value, gradient);
    const float share = 1.0F / static_cast<float>(one.value.shape()[0]);
    for (float& x : gradient.data<float>()) x *= share;
    gradients.push_back(std::move(gradient));
  }
  return gradients;
}

}  // namespace graft::training

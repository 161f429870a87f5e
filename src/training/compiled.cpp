// SPDX-License-Identifier: Apache-2.0
#include "training/compiled.hpp"

#include <cmath>

#include "graft/base/error.hpp"

namespace graft::training {
namespace {

bool shape_less(const Shape& a, const Shape& b) { return a.sizes() < b.sizes(); }

}  // namespace

Compiled::Compiled(CompileOptions options)
    : options_(std::move(options)), training_(shape_less), testing_(shape_less) {
  if (options_.optimizer == nullptr || options_.loss == nullptr) {
    fail(ErrorKind::invalid_argument, "compile: expected an optimizer and a loss");
  }
  for (const std::string& metric : options_.metrics) {
    if (metric != "accuracy") {
      fail(ErrorKind::unsupported, "compile: metric '", metric, "' is not known; known is accuracy");
    }
    accuracy_ = true;
  }
}

plan::Plan& Compiled::plan_for(Plans& plans, const Model& model, const Shape& images,
                               const plan::PlanOptions& options) {
  std::unique_ptr<plan::Plan>& entry = plans[images];
  if (entry == nullptr) {
    plan::PlanOptions concrete = options;
    concrete.batch_size = images[0];
    concrete.input_shape = images.without_batch();
    concrete.workspace = workspace_;
    entry = std::make_unique<plan::Plan>(plan::Plan::lower(model, concrete));
  }
  return *entry;
}

LossInput Compiled::loss_input(const Tensor& predictions, const data::Batch& batch, const Tensor& weight,
                               const plan::Plan& plan) const {
  const bool stripped = plan.final_activation() != plan::FinalActivation::none;
  if (stripped && options_.loss->from_logits()) {
    fail(ErrorKind::invalid_argument, "the loss says from_logits, but the model ends in a ",
         plan.final_activation() == plan::FinalActivation::softmax ? "softmax" : "sigmoid",
         "; leave one of the two out");
  }
  return {predictions, batch.labels, weight, stripped || options_.loss->from_logits()};
}

double Compiled::step(const Model& model, const data::Batch& batch, const Tensor& sample_weight,
                      Totals& totals) {
  plan::Plan& plan =
      plan_for(training_, model, batch.images.shape(), {.mode = plan::Mode::training, .logits = true});
  if (plan.final_activation() != plan::FinalActivation::none &&
      plan.final_activation() != options_.loss->absorbs()) {
    fail(ErrorKind::unsupported,
         "the model's last activation does not fit the loss: use softmax with a categorical ",
         "loss, sigmoid with the binary one");
  }
  plan.forward(batch.images, random_seed(), steps_++);
  const Tensor output = plan.output();
  if (gradient_.shape() != output.shape()) gradient_ = Tensor(output.shape());
  const LossInput input = loss_input(output, batch, sample_weight, plan);
  const double loss = options_.loss->compute(input, &gradient_);
  if (!std::isfinite(loss)) {
    fail(ErrorKind::numeric, "the loss became ", loss, " at step ", steps_, "; lower the learning rate");
  }
  const std::int64_t samples = batch.images.shape()[0];
  totals.loss += loss * static_cast<double>(samples);
  totals.samples += samples;
  if (accuracy_) totals.correct += options_.loss->count_correct(input);
  plan.backward(gradient_);
  options_.optimizer->apply(plan.gradients());
  return loss;
}

void Compiled::test(const Model& model, const data::Batch& batch, Totals& totals) {
  plan::Plan& plan = plan_for(testing_, model, batch.images.shape(), {.logits = true});
  plan.forward(batch.images);
  const Tensor output = plan.output();
  const LossInput input = loss_input(output, batch, {}, plan);
  const std::int64_t samples = batch.images.shape()[0];
  totals.loss += options_.loss->compute(input, nullptr) * static_cast<double>(samples);
  totals.samples += samples;
  if (accuracy_) totals.correct += options_.loss->count_correct(input);
}

Compiled& compiled(const Model& model) {
  auto* state = dynamic_cast<Compiled*>(model.functional()->attachment().get());
  if (state == nullptr) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "' is not compiled: call compile() with an optimizer and a loss");
  }
  return *state;
}

}  // namespace graft::training

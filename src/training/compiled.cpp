// SPDX-License-Identifier: Apache-2.0
#include "training/compiled.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/activity_rules.hpp"

namespace graft::training {
namespace {

bool shape_less(const Shape& a, const Shape& b) { return a.sizes() < b.sizes(); }

bool is_accuracy(const std::string& name) { return name == "accuracy" || name == "acc"; }

/// The model's output of a plan's output, which is logits where the plan left out the last activation.
Tensor finished(const Tensor& output, plan::FinalActivation activation) {
  if (activation == plan::FinalActivation::none) return output;
  Tensor result = output.clone();
  const auto columns = static_cast<std::size_t>(output.shape()[-1]);
  auto values = result.data<float>();
  for (std::size_t begin = 0; begin < values.size(); begin += columns) {
    const auto row = values.subspan(begin, columns);
    if (activation == plan::FinalActivation::sigmoid) {
      for (float& x : row) x = 1.0F / (1.0F + std::exp(-x));
      continue;
    }
    const float most = *std::ranges::max_element(row);
    float sum = 0;
    for (float& x : row) sum += x = std::exp(x - most);
    for (float& x : row) x /= sum;
  }
  return result;
}

}  // namespace

Compiled::Compiled(models::FunctionalModel& model, CompileOptions options)
    : WithPredictor(model),
      options_(std::move(options)),
      starts_(starting_weights(options_.l2_sp)),
      training_(shape_less),
      testing_(shape_less) {
  if (options_.optimizer == nullptr || options_.loss == nullptr) {
    fail(ErrorKind::invalid_argument, "compile: expected an optimizer and a loss");
  }
  const auto add = [&](const MetricChoice& choice, bool weighted) {
    Watched watched{.metric = choice.metric(), .name = choice.name(), .weighted = weighted};
    if (watched.metric == nullptr && !is_accuracy(choice.name()))
      watched.metric = metric_from_name(choice.name());
    if (watched.metric != nullptr) watched.name = watched.metric->name();
    for (const Watched& other : metrics_) {
      if (other.name == watched.name)
        fail(ErrorKind::invalid_argument, "compile: two metrics are named '", watched.name,
             "'; give one of them another name");
    }
    metrics_.push_back(std::move(watched));
  };
  for (const MetricChoice& choice : options_.metrics) add(choice, false);
  for (const MetricChoice& choice : options_.weighted_metrics) add(choice, true);
}

namespace {

/// Keras on TensorFlow computes these losses from the input of the model's last activation, be it softmax or
/// sigmoid: binary_crossentropy after softmax is that of the softmax's logits (docs/decisions/0026).
bool uses_logits_of_any_activation(const Loss& loss) {
  const Json class_name = loss.config().value("class_name", Json());
  for (const char* known :
       {"BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"}) {
    if (class_name == known) return true;
  }
  return false;
}

}  // namespace

void Compiled::drop_plans_of_other_settings() {
  const Execution now = current_execution();
  if (now.threads != execution_.threads || now.dtype_policy != execution_.dtype_policy) {
    training_.clear();
    testing_.clear();
  }
  execution_ = now;
}

plan::Plan& Compiled::plan_for(Plans& plans, const Model& model, const Shape& images, plan::Mode mode) {
  drop_plans_of_other_settings();
  std::unique_ptr<plan::Plan>& entry = plans[images];
  if (entry != nullptr) return *entry;
  plan::PlanOptions options{.mode = mode,
                            .batch_size = images[0],
                            .input_shape = images.without_batch(),
                            .outputs = {},
                            .activities = true,
                            .logits = options_.loss->absorbs() != plan::FinalActivation::none,
                            .execution = {},
                            .frozen_first = true,
                            .workspace = workspace_};
  auto lowered = std::make_unique<plan::Plan>(plan::Plan::lower(model, options));
  if (mode == plan::Mode::training && lowered->gradients().empty()) {
    fail(ErrorKind::invalid_argument, "nothing to train: no weight of the model is trainable. ",
         "Set trainable on a layer, or add a head");
  }
  entry = std::move(lowered);
  const plan::FinalActivation ends_in = entry->final_activation();
  if (ends_in != plan::FinalActivation::none && ends_in != options_.loss->absorbs() &&
      !uses_logits_of_any_activation(*options_.loss)) {
    options.logits = false;  // the loss expects the outputs of another function unchanged
    entry = std::make_unique<plan::Plan>(plan::Plan::lower(model, options));
  }
  return *entry;
}

bool Compiled::logits(const plan::Plan& plan) const {
  const bool stripped = plan.final_activation() != plan::FinalActivation::none;
  if (stripped && options_.loss->from_logits()) {
    fail(ErrorKind::invalid_argument, "the loss has from_logits, but the model ends in a ",
         plan.final_activation() == plan::FinalActivation::softmax ? "softmax" : "sigmoid",
         "; leave one of the two out");
  }
  return stripped || options_.loss->from_logits();
}

MetricPtr Compiled::choose_accuracy(const LossInput& input, const std::string& name) const {
  const Shape& predictions = input.predictions.shape();
  const Shape& labels = input.labels.shape();
  if (predictions[-1] == 1) {
    const bool of_logits =
        options_.loss->from_logits() && options_.loss->absorbs() == plan::FinalActivation::sigmoid;
    return BinaryAccuracy({.threshold = of_logits ? 0.0 : 0.5, .name = name});
  }
  const bool sparse = labels.rank() < predictions.rank() || labels[-1] == 1;
  return sparse ? SparseCategoricalAccuracy(name) : CategoricalAccuracy(name);
}

void Compiled::watch(plan::FinalActivation activation, const LossInput& input, double loss) {
  const std::int64_t samples = input.predictions.shape()[0];
  loss_sum_ += loss * static_cast<double>(samples);
  samples_ += samples;
  if (metrics_.empty()) return;
  const Tensor output = finished(input.predictions, activation);
  const Tensor unweighted;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    Watched& watched = metrics_[i];
    if (watched.metric == nullptr) {
      watched.metric = choose_accuracy(input, watched.name);
      if (i < restored_states_.size()) watched.metric->set_state(restored_states_[i]);
    }
    watched.metric->update({output, input.labels, watched.weighted ? input.sample_weight : unweighted});
  }
  restored_states_.clear();
}

const WeightRules& Compiled::rules(const Model& model) {
  if (!rules_) rules_.emplace(model, options_.l2_sp, starts_);
  return *rules_;
}

void forward_frozen(plan::Plan& plan, const data::Batch& batch, const CachedSet* cached) {
  if (cached != nullptr && cached->cache.put_back(cached->number, batch.indices, plan)) return;
  plan.forward_frozen(batch.images);
  if (cached != nullptr) cached->cache.keep(cached->number, batch, plan);
}

double Compiled::step(const Model& model, const data::Batch& batch, const Tensor& sample_weight,
                      const CachedSet* cached) {
  plan::Plan& plan = plan_for(training_, model, batch.images.shape(), plan::Mode::training);
  forward_frozen(plan, batch, cached);
  plan.forward_from_frozen(random_seed(), steps_++);
  const Tensor output = plan.output();
  if (gradient_.shape() != output.shape()) gradient_ = Tensor(output.shape());
  const LossInput input{output, batch.labels, sample_weight, logits(plan)};
  const WeightRules& weight_rules = rules(model);
  const std::vector<plan::Activity> activities = plan.activities();
  const double loss = options_.loss->compute(input, &gradient_) +
                      (weight_rules.adds_loss() ? weight_rules.penalty() : 0.0) +
                      activity_penalty(activities);
  watch(plan.final_activation(), input, loss);
  if (!std::isfinite(loss)) return loss;
  plan.backward(gradient_, activity_gradients(activities));
  if (weight_rules.adds_loss()) weight_rules.add_gradients(plan.gradients());
  options_.optimizer->apply(plan.gradients());
  weight_rules.constrain();
  return loss;
}

void Compiled::test(const Model& model, const data::Batch& batch, const Tensor& sample_weight,
                    const CachedSet* cached) {
  plan::Plan& plan = plan_for(testing_, model, batch.images.shape(), plan::Mode::inference);
  forward_frozen(plan, batch, cached);
  finish_test(model, plan, batch.labels, sample_weight);
}

std::optional<Tensor> Compiled::restore_frozen(const Model& model, const CachedSet& cached,
                                               std::span<const std::size_t> samples, const Shape& images) {
  const plan::Plan& plan = plan_for(testing_, model, images, plan::Mode::inference);
  Tensor labels;
  if (!cached.cache.put_back(cached.number, samples, plan, &labels)) return std::nullopt;
  return labels;
}

void Compiled::test_restored(const Model& model, const Shape& images, const Tensor& labels,
                             const Tensor& sample_weight) {
  finish_test(model, plan_for(testing_, model, images, plan::Mode::inference), labels, sample_weight);
}

void Compiled::finish_test(const Model& model, plan::Plan& plan, const Tensor& labels,
                           const Tensor& sample_weight) {
  plan.forward_from_frozen();
  const LossInput input{plan.output(), labels, sample_weight, logits(plan)};
  watch(
      plan.final_activation(), input,
      options_.loss->compute(input, nullptr) + rules(model).penalty() + activity_penalty(plan.activities()));
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

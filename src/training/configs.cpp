// SPDX-License-Identifier: Apache-2.0
#include "graft/training/configs.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/optimizers.hpp"

#include "training/compiled.hpp"

namespace graft {
namespace {

Json metrics_config(const std::vector<MetricChoice>& metrics) {
  if (metrics.empty()) return nullptr;
  Json all = Json::array();
  for (const MetricChoice& choice : metrics)
    all.push_back(choice.metric() != nullptr ? choice.metric()->config() : Json(choice.name()));
  return all;
}

/// Keras writes a list, or for one output a list in a list.
std::vector<MetricChoice> metrics_from(const Json& config, const char* key) {
  std::vector<MetricChoice> metrics;
  Json list = config.value(key, Json());
  if (list.is_array() && list.size() == 1 && list.front().is_array()) list = Json(list.front());
  if (list.is_null()) return metrics;
  if (!list.is_array()) fail(ErrorKind::bad_file, "compile_config: ", key, " is no list");
  for (const Json& one : list) {
    if (one.is_string()) {
      metrics.emplace_back(one.get<std::string>());
    } else {
      metrics.emplace_back(metric_from_config(one));
    }
  }
  return metrics;
}

}  // namespace

Json compile_config(const CompileOptions& options) {
  return {{"optimizer", options.optimizer->config()},
          {"loss", options.loss->config()},
          {"loss_weights", nullptr},
          {"metrics", metrics_config(options.metrics)},
          {"weighted_metrics", metrics_config(options.weighted_metrics)},
          {"run_eagerly", false},
          {"steps_per_execution", 1},
          {"jit_compile", false}};
}

CompileOptions compile_options_from_config(const Json& config) {
  if (!config.is_object() || config.value("optimizer", Json()).is_null() ||
      config.value("loss", Json()).is_null()) {
    fail(ErrorKind::bad_file,
         "the model was saved without optimizer and loss: call compile() before training continues");
  }
  return {.optimizer = optimizer_from_config(config.at("optimizer")),
          .loss = loss_from_config(config.at("loss")),
          .metrics = metrics_from(config, "metrics"),
          .weighted_metrics = metrics_from(config, "weighted_metrics")};
}

void compile_from_config(Model& model, const Json& config, const std::vector<Tensor>& optimizer) {
  const CompileOptions options = compile_options_from_config(config);
  options.optimizer->build(model.trainable_weights());
  if (!optimizer.empty()) options.optimizer->set_variables(optimizer);
  model.compile(options);
}

namespace training {

models::SavedTraining Compiled::training_state() const {
  models::SavedTraining state{.compile_config = compile_config(options_), .optimizer = {}};
  // As in Keras: an optimizer before its first step has no state to save.
  if (options_.optimizer->iterations() == 0) return state;
  for (OptimizerVariable& variable : options_.optimizer->variables())
    state.optimizer.push_back(std::move(variable.value));
  return state;
}

}  // namespace training
}  // namespace graft

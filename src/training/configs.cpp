// SPDX-License-Identifier: Apache-2.0
#include "graft/training/configs.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/training/optimizers.hpp"

#include "training/compiled.hpp"
#include "training/registry.hpp"

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

/// Keras 2's names: "Custom>Adam" is its Adam.
Json optimizer_config(Json config) {
  constexpr std::string_view kCustom = "Custom>";
  if (!config.is_object() || !config.contains("class_name") || !config["class_name"].is_string())
    return config;
  const std::string name = config["class_name"];
  if (name.starts_with(kCustom) && training::is_builtin_optimizer(name.substr(kCustom.size())))
    config["class_name"] = name.substr(kCustom.size());
  return config;
}

/// State of an optimizer of Keras 2 in Keras 3's order: Keras 2 stores no learning rate, and its oldest
/// optimizers (with an option decay) one slot of all weights after the other.
std::vector<Tensor> in_order_of_keras3(const Optimizer& optimizer, const Json& config, std::size_t weights,
                                       const std::vector<Tensor>& stored) {
  const std::vector<OptimizerVariable> expected = optimizer.variables();
  if (stored.size() + 1 != expected.size() || stored.size() < 2 || weights == 0) return stored;
  std::vector<Tensor> result{stored[0], expected[1].value};
  const std::vector<Tensor> slots(stored.begin() + 1, stored.end());
  const bool by_slot = config.contains("config") && config["config"].is_object() &&
                       config["config"].contains("decay") && slots.size() % weights == 0;
  const std::size_t per_weight = by_slot ? slots.size() / weights : 1;
  const std::size_t steps = slots.size() / per_weight;
  for (std::size_t weight = 0; weight < steps; ++weight) {
    for (std::size_t slot = 0; slot < per_weight; ++slot) result.push_back(slots[slot * steps + weight]);
  }
  return result;
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
  return {.optimizer = optimizer_from_config(optimizer_config(config.at("optimizer"))),
          .loss = loss_from_config(config.at("loss")),
          .metrics = metrics_from(config, "metrics"),
          .weighted_metrics = metrics_from(config, "weighted_metrics")};
}

void compile_from_config(Model& model, const Json& config, const std::vector<Tensor>& optimizer) {
  const CompileOptions options = compile_options_from_config(config);
  const std::vector<VariablePtr> weights = model.trainable_weights();
  options.optimizer->build(weights);
  if (!optimizer.empty()) {
    options.optimizer->set_variables(
        in_order_of_keras3(*options.optimizer, config.at("optimizer"), weights.size(), optimizer));
  }
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

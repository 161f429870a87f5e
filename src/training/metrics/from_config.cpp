// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/training/configs.hpp"
#include "graft/training/metrics.hpp"

#include "training/metrics/fields.hpp"
#include "training/registry.hpp"

namespace graft {
namespace {

using training::read_object;

/// Of a metric whose only option is its name.
template <MetricPtr (*kMake)(const std::string&)>
MetricPtr read_named(const ConfigReader& reader, const char* name) {
  return kMake(reader.text("name", name));
}

struct MetricEntry {
  const char* class_name;
  const char* name;
  MetricPtr (*make)(const ConfigReader& reader);
};

constexpr std::array kMetrics{
    MetricEntry{"BinaryAccuracy", "binary_accuracy",
                read_object<BinaryAccuracy, training::kBinaryAccuracyFields>},
    MetricEntry{
        "CategoricalAccuracy", "categorical_accuracy",
        [](const ConfigReader& r) { return read_named<CategoricalAccuracy>(r, "categorical_accuracy"); }},
    MetricEntry{"SparseCategoricalAccuracy", "sparse_categorical_accuracy",
                [](const ConfigReader& r) {
                  return read_named<SparseCategoricalAccuracy>(r, "sparse_categorical_accuracy");
                }},
    MetricEntry{"TopKCategoricalAccuracy", "top_k_categorical_accuracy",
                read_object<TopKCategoricalAccuracy, training::kTopKFields>},
    MetricEntry{"SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
                read_object<SparseTopKCategoricalAccuracy, training::kTopKFields>},
    MetricEntry{"Precision", "precision", read_object<Precision, training::kPrecisionFields>},
    MetricEntry{"Recall", "recall", read_object<Recall, training::kPrecisionFields>},
    MetricEntry{"AUC", "auc", read_object<AUC, training::kAucFields>},
    MetricEntry{"F1Score", "f1_score", read_object<F1Score, training::kF1ScoreFields>},
};

const MetricEntry* find_metric(const std::string& name) {
  const auto* found = std::ranges::find_if(
      kMetrics, [&](const MetricEntry& entry) { return name == entry.class_name || name == entry.name; });
  return found == kMetrics.end() ? nullptr : found;
}

training::Registry<MetricPtr, Json>& registered_metrics() {
  static training::Registry<MetricPtr, Json> registry;
  return registry;
}

/// Names that choose a built-in metric, those of losses included.
bool is_builtin_metric(const std::string& name) {
  if (find_metric(name) != nullptr || name == "accuracy" || name == "acc") return true;
  return training::is_builtin_loss(name);
}

}  // namespace

Json Metric::serialised(const std::string& class_name, Json config) {
  return registered_metrics().write(class_name, std::move(config));
}

void register_metric(const std::string& package, const std::string& class_name,
                     std::function<MetricPtr(const Json& config)> from_config) {
  registered_metrics().add("metric", package, class_name, std::move(from_config),
                           is_builtin_metric(class_name));
}

MetricPtr metric_from_name(const std::string& name) {
  if (const auto make = registered_metrics().find(name)) return make(Json::object());
  if (const MetricEntry* entry = find_metric(name)) return entry->make(ConfigReader(Json::object(), name));
  try {
    return MeanLoss(loss_from_name(name));
  } catch (const Error&) {
    std::string known = "accuracy";
    for (const MetricEntry& entry : kMetrics) known += std::string(", ") + entry.name;
    fail(ErrorKind::invalid_argument, "metric '", name, "' is not known; known are ", known,
         registered_metrics().names(),
         ", and the losses' names; a program adds its own with register_metric()");
  }
}

MetricPtr metric_from_config(const Json& config) {
  if (config.is_string()) return metric_from_name(config.get<std::string>());
  const training::Serialised given = training::read_serialised(config, "metric");
  const ConfigReader reader(given.config, "metric " + given.class_name);
  if (const auto make = registered_metrics().find(given.class_name)) return make(given.config);
  if (const MetricEntry* entry = find_metric(given.class_name)) return entry->make(reader);
  if (given.class_name == "MeanMetricWrapper" && given.config.contains("fn") &&
      given.config["fn"].is_string()) {
    // Keras 2: a metric made of a function, "accuracy" among them.
    const std::string function = given.config["fn"];
    if (const MetricEntry* entry = find_metric(function)) return entry->make(reader);
    return metric_from_name(function);
  }
  return MeanLoss(loss_from_config(config));
}

}  // namespace graft

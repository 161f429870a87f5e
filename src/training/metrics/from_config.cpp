// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/error.hpp"
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

struct Entry {
  const char* class_name;
  const char* name;
  MetricPtr (*make)(const ConfigReader& reader);
};

constexpr std::array kMetrics{
    Entry{"BinaryAccuracy", "binary_accuracy", read_object<BinaryAccuracy, training::kBinaryAccuracyFields>},
    Entry{"CategoricalAccuracy", "categorical_accuracy",
          [](const ConfigReader& r) { return read_named<CategoricalAccuracy>(r, "categorical_accuracy"); }},
    Entry{"SparseCategoricalAccuracy", "sparse_categorical_accuracy",
          [](const ConfigReader& r) {
            return read_named<SparseCategoricalAccuracy>(r, "sparse_categorical_accuracy");
          }},
    Entry{"TopKCategoricalAccuracy", "top_k_categorical_accuracy",
          read_object<TopKCategoricalAccuracy, training::kTopKFields>},
    Entry{"SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
          read_object<SparseTopKCategoricalAccuracy, training::kTopKFields>},
    Entry{"Precision", "precision", read_object<Precision, training::kPrecisionFields>},
    Entry{"Recall", "recall", read_object<Recall, training::kPrecisionFields>},
    Entry{"AUC", "auc", read_object<AUC, training::kAucFields>},
    Entry{"F1Score", "f1_score", read_object<F1Score, training::kF1ScoreFields>},
};

const Entry* find_entry(const std::string& name) {
  const auto* found = std::ranges::find_if(
      kMetrics, [&](const Entry& entry) { return name == entry.class_name || name == entry.name; });
  return found == kMetrics.end() ? nullptr : found;
}

training::Registry<MetricPtr, Json>& registered() {
  static training::Registry<MetricPtr, Json> registry;
  return registry;
}

/// Names that choose a built-in metric, those of losses included.
bool is_builtin(const std::string& name) {
  if (find_entry(name) != nullptr || name == "accuracy" || name == "acc") return true;
  return training::is_builtin_loss(name);
}

}  // namespace

void register_metric(const std::string& class_name,
                     std::function<MetricPtr(const Json& config)> from_config) {
  registered().add("metric", class_name, std::move(from_config), is_builtin(class_name));
}

MetricPtr metric_from_name(const std::string& name) {
  if (const auto make = registered().find(name)) return make(Json::object());
  if (const Entry* entry = find_entry(name)) return entry->make(ConfigReader(Json::object(), name));
  try {
    return MeanLoss(loss_from_name(name));
  } catch (const Error&) {
    std::string known = "accuracy";
    for (const Entry& entry : kMetrics) known += std::string(", ") + entry.name;
    fail(ErrorKind::invalid_argument, "metric '", name, "' is not known; known are ", known,
         registered().names(), ", and the losses' names");
  }
}

MetricPtr metric_from_config(const Json& config) {
  if (config.is_string()) return metric_from_name(config.get<std::string>());
  const training::Serialised given = training::read_serialised(config, "metric");
  const ConfigReader reader(given.config, "metric " + given.class_name);
  if (const auto make = registered().find(given.class_name)) return make(given.config);
  if (const Entry* entry = find_entry(given.class_name)) return entry->make(reader);
  return MeanLoss(loss_from_config(config));
}

}  // namespace graft

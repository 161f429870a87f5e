// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/training/metrics.hpp"

#include "training/settings.hpp"

namespace graft {
namespace {

using training::Settings;

TopKOptions top_k(const Settings& s) { return {.k = s.integer("k", 5), .name = s.text("name", "")}; }

PrecisionOptions precision(const Settings& s) {
  const std::vector<double> thresholds = s.numbers("thresholds");
  if (thresholds.size() > 1)
    fail(ErrorKind::unsupported, s.owner(), ": several thresholds are not supported; use AUC");
  return {.threshold = thresholds.empty() ? std::nullopt : std::optional(thresholds[0]),
          .top_k = s.optional_integer("top_k"),
          .class_id = s.optional_integer("class_id"),
          .name = s.text("name", "")};
}

AucOptions auc(const Settings& s) {
  const std::string curve = s.text("curve", "ROC");
  const std::string method = s.text("summation_method", "interpolation");
  if (curve != "ROC" && curve != "PR")
    fail(ErrorKind::unsupported, s.owner(), ": curve '", curve, "': expected ROC or PR");
  if (method != "interpolation" && method != "minoring" && method != "majoring")
    fail(ErrorKind::bad_file, s.owner(), ": summation_method '", method, "' is not known");
  if (s.find("label_weights") != nullptr)
    fail(ErrorKind::unsupported, s.owner(), ": label_weights are not supported");
  return {.num_thresholds = std::clamp<std::int64_t>(s.integer("num_thresholds", 200), 0, 1'000'000),
          .curve = curve == "PR" ? AucCurve::pr : AucCurve::roc,
          .summation_method = method == "minoring"   ? AucSummation::minoring
                              : method == "majoring" ? AucSummation::majoring
                                                     : AucSummation::interpolation,
          .thresholds = s.numbers("thresholds"),
          .multi_label = s.boolean("multi_label", false),
          .from_logits = s.boolean("from_logits", false),
          .name = s.text("name", "auc")};
}

F1ScoreOptions f1(const Settings& s) {
  const std::string average = s.text("average", "");
  const Average kinds[] = {Average::none, Average::micro, Average::macro, Average::weighted};
  const std::array<std::string, 4> names{"", "micro", "macro", "weighted"};
  const auto at = std::ranges::find(names, average) - names.begin();
  if (at == 4) fail(ErrorKind::bad_file, s.owner(), ": average '", average, "' is not known");
  return {
      .average = kinds[at], .threshold = s.optional_number("threshold"), .name = s.text("name", "f1_score")};
}

struct Entry {
  const char* class_name;
  const char* name;
  MetricPtr (*make)(const Settings& s);
};

constexpr std::array kMetrics{
    Entry{"BinaryAccuracy", "binary_accuracy",
          [](const Settings& s) {
            return BinaryAccuracy(
                {.threshold = s.number("threshold", 0.5), .name = s.text("name", "binary_accuracy")});
          }},
    Entry{"CategoricalAccuracy", "categorical_accuracy",
          [](const Settings& s) { return CategoricalAccuracy(s.text("name", "categorical_accuracy")); }},
    Entry{"SparseCategoricalAccuracy", "sparse_categorical_accuracy",
          [](const Settings& s) {
            return SparseCategoricalAccuracy(s.text("name", "sparse_categorical_accuracy"));
          }},
    Entry{"TopKCategoricalAccuracy", "top_k_categorical_accuracy",
          [](const Settings& s) { return TopKCategoricalAccuracy(top_k(s)); }},
    Entry{"SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
          [](const Settings& s) { return SparseTopKCategoricalAccuracy(top_k(s)); }},
    Entry{"Precision", "precision", [](const Settings& s) { return Precision(precision(s)); }},
    Entry{"Recall", "recall", [](const Settings& s) { return Recall(precision(s)); }},
    Entry{"AUC", "auc", [](const Settings& s) { return AUC(auc(s)); }},
    Entry{"F1Score", "f1_score", [](const Settings& s) { return F1Score(f1(s)); }},
};

const Entry* find_entry(const std::string& name) {
  const auto* found = std::ranges::find_if(
      kMetrics, [&](const Entry& entry) { return name == entry.class_name || name == entry.name; });
  return found == kMetrics.end() ? nullptr : found;
}

}  // namespace

MetricPtr metric_from_name(const std::string& name) {
  if (const Entry* entry = find_entry(name)) return entry->make(Settings(Json::object(), name));
  try {
    return MeanLoss(loss_from_name(name));
  } catch (const Error&) {
    std::string known = "accuracy";
    for (const Entry& entry : kMetrics) known += std::string(", ") + entry.name;
    fail(ErrorKind::invalid_argument, "metric '", name, "' is not known; known are ", known,
         ", and the losses' names");
  }
}

MetricPtr metric_from_config(const Json& config) {
  if (config.is_string()) return metric_from_name(config.get<std::string>());
  const training::Serialised given = training::read_serialised(config, "metric");
  const Settings settings(given.config, "metric " + given.class_name);
  if (const Entry* entry = find_entry(given.class_name)) return entry->make(settings);
  return MeanLoss(loss_from_config(config));
}

}  // namespace graft

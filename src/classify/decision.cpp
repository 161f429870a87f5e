// SPDX-License-Identifier: Apache-2.0
#include "graft/decision.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

std::size_t best_class(std::span<const float> row) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < row.size(); ++k) {
    if (row[k] > row[best] || std::isnan(row[best])) best = k;
  }
  return best;
}

bool reaches(float probability, double threshold) { return static_cast<double>(probability) >= threshold; }

/// The position of the class that rules choose; unset: unknown.
std::optional<std::size_t> chosen_class(std::span<const float> row, const DecisionRules& rules) {
  const std::size_t best = best_class(row);
  if (rules.min_recall && reaches(row[rules.min_recall->index], rules.min_recall->threshold))
    return rules.min_recall->index;
  if (rules.reject_below && !reaches(row[best], *rules.reject_below)) return std::nullopt;
  return best;
}

double fraction(std::size_t some, std::size_t all) {
  return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

Json interval_json(std::size_t some, std::size_t all) {
  const Interval interval = wilson_interval(some, all);
  return {interval.low, interval.high};
}

/// "99.2 %, 95 % interval 95.8 % to 99.9 %".
std::string share_text(std::size_t some, std::size_t all) {
  const Interval interval = wilson_interval(some, all);
  return cat(percent(fraction(some, all)), ", 95 % interval ", percent(interval.low), " to ",
             percent(interval.high));
}

/// A number of the metadata that is a probability.
double probability_in(const Json& rule, const char* rule_name, const char* key) {
  const Json value = rule.is_object() ? rule.value(key, Json()) : Json();
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= 1)) {
    fail(ErrorKind::bad_file, kMetadataEntry, ": ", rule_name, ": ", key,
         ": expected a number from 0 to 1, received ",
         printable(value.dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  return value.get<double>();
}

void check_rows(const Tensor& probabilities, const std::vector<int>& truth) {
  if (probabilities.shape().rank() == 2 &&
      probabilities.shape()[0] == static_cast<std::int64_t>(truth.size())) {
    return;
  }
  fail(ErrorKind::shape_mismatch, "probabilities: expected (", truth.size(), ", classes), received ",
       probabilities.shape());
}

}  // namespace

MinRecall parse_min_recall(const std::string& text) {
  const auto refuse = [&] {
    fail_option(ErrorKind::invalid_argument, "min_recall",
                "min_recall: expected CLASS=R with R above 0 and below 1, such as defect=0.99, received '",
                printable(text), "'");
  };
  const std::size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) refuse();
  const std::string number = text.substr(at + 1);
  std::size_t used = 0;
  double recall = 0;
  try {
    recall = std::stod(number, &used);
  } catch (const std::exception&) {
    refuse();
  }
  if (used != number.size() || !(recall > 0 && recall < 1)) refuse();
  return {.class_name = text.substr(0, at), .recall = recall};
}

Decision decide(std::span<const float> probabilities, const std::vector<std::string>& class_names,
                const DecisionRules& rules) {
  if (probabilities.empty() || probabilities.size() != class_names.size() ||
      (rules.min_recall && rules.min_recall->index >= class_names.size())) {
    fail(ErrorKind::shape_mismatch, "expected ", class_names.size(), " probabilities, one a class, received ",
         probabilities.size());
  }
  const std::size_t best = best_class(probabilities);
  const std::optional<std::size_t> chosen = chosen_class(probabilities, rules);
  Decision decision;
  if (!chosen) {
    decision.reason = cat("the most probable class, ", class_names[best], ", has ",
                          percent(probabilities[best]), ", below ", percent(*rules.reject_below));
    return decision;
  }
  decision.index = static_cast<std::int64_t>(*chosen);
  decision.name = class_names[*chosen];
  if (*chosen != best) {
    decision.reason = cat(percent(probabilities[*chosen]), " reaches ", percent(rules.min_recall->threshold),
                          ", the threshold for a recall of ", percent(rules.min_recall->wanted.recall));
  }
  return decision;
}

DecisionFigures decision_figures(const Tensor& probabilities, const std::vector<int>& truth,
                                 const DecisionRules& rules) {
  check_rows(probabilities, truth);
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  if (rules.min_recall && rules.min_recall->index >= width)
    fail(ErrorKind::shape_mismatch, "min_recall: there is no class ", rules.min_recall->index, " of ", width);
  const DecisionRules recall_only{.reject_below = std::nullopt, .min_recall = rules.min_recall};
  DecisionFigures figures{.photos = truth.size()};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::span<const float> row = probabilities.data<float>().subspan(i * width, width);
    const auto own = static_cast<std::size_t>(truth[i]);
    const std::size_t best = best_class(row);
    const std::optional<std::size_t> chosen = chosen_class(row, rules);
    figures.right += best == own ? 1 : 0;
    figures.answered += chosen ? 1 : 0;
    figures.answered_right += chosen == own ? 1 : 0;
    if (!rules.min_recall) continue;
    const std::size_t wanted = rules.min_recall->index;
    const bool hit = chosen_class(row, recall_only) == wanted;
    const bool hit_before = best == wanted;
    ++(own == wanted ? figures.of_class : figures.others);
    (own == wanted ? figures.found : figures.false_alarms) += hit ? 1 : 0;
    (own == wanted ? figures.found_before : figures.false_alarms_before) += hit_before ? 1 : 0;
  }
  return figures;
}

Json to_json(const DecisionFigures& figures, const DecisionRules& rules) {
  Json json = Json::object();
  if (rules.reject_below) {
    json["reject"] = {{"threshold", *rules.reject_below},
                      {"photos", figures.photos},
                      {"right_without", figures.right},
                      {"answered", figures.answered},
                      {"right", figures.answered_right},
                      {"coverage", fraction(figures.answered, figures.photos)},
                      {"accuracy", fraction(figures.answered_right, figures.answered)},
                      {"accuracy_interval", interval_json(figures.answered_right, figures.answered)}};
  }
  if (rules.min_recall) {
    json["min_recall"] = {{"class", rules.min_recall->wanted.class_name},
                          {"wanted", rules.min_recall->wanted.recall},
                          {"threshold", rules.min_recall->threshold},
                          {"photos", figures.of_class},
                          {"found", figures.found},
                          {"found_without", figures.found_before},
                          {"recall", fraction(figures.found, figures.of_class)},
                          {"recall_interval", interval_json(figures.found, figures.of_class)},
                          {"other_photos", figures.others},
                          {"false_alarms", figures.false_alarms},
                          {"false_alarms_without", figures.false_alarms_before},
                          {"false_alarm_rate", fraction(figures.false_alarms, figures.others)},
                          {"false_alarm_interval", interval_json(figures.false_alarms, figures.others)}};
  }
  return json;
}

std::vector<std::string> describe(const DecisionFigures& figures, const DecisionRules& rules) {
  std::vector<std::string> lines;
  if (rules.min_recall) {
    const std::string& name = rules.min_recall->wanted.class_name;
    lines.push_back(cat(name, " from ", percent(rules.min_recall->threshold), " on: ", figures.found, " of ",
                        figures.of_class, " photos of it found (",
                        share_text(figures.found, figures.of_class), "), by the most probable class alone ",
                        figures.found_before, "; ", figures.false_alarms, " false alarms in ", figures.others,
                        " other photos (", share_text(figures.false_alarms, figures.others), "), alone ",
                        figures.false_alarms_before));
  }
  if (rules.reject_below) {
    lines.push_back(cat("unknown below ", percent(*rules.reject_below), ": ", figures.answered, " of ",
                        figures.photos, " photos answered, ", figures.answered_right, " of them right (",
                        share_text(figures.answered_right, figures.answered), "), without it ", figures.right,
                        " of ", figures.photos, " (", percent(fraction(figures.right, figures.photos)), ")"));
  }
  return lines;
}

DecisionRules decision_rules(const Json& metadata, const std::vector<std::string>& class_names) {
  DecisionRules rules;
  if (metadata.contains("reject"))
    rules.reject_below = probability_in(metadata["reject"], "reject", "threshold");
  if (!metadata.contains("min_recall")) return rules;
  const Json& rule = metadata["min_recall"];
  const double threshold = probability_in(rule, "min_recall", "threshold");
  const double recall = probability_in(rule, "min_recall", "recall");
  const Json name = rule.value("class", Json());
  const auto found =
      name.is_string() ? std::ranges::find(class_names, name.get<std::string>()) : class_names.end();
  if (found == class_names.end()) {
    fail(ErrorKind::bad_file, kMetadataEntry, ": min_recall: class: expected one of ",
         comma_list(class_names, {}, kMostClassesNamed), ", received ",
         printable(name.dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  rules.min_recall = RecallRule{.wanted = {.class_name = *found, .recall = recall},
                                .index = static_cast<std::size_t>(found - class_names.begin()),
                                .threshold = threshold};
  return rules;
}

}  // namespace graft::classify

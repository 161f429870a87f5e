// SPDX-License-Identifier: Apache-2.0
#include "graft/decision.hpp"

#include <algorithm>
#include <functional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

bool reaches(float probability, double threshold) { return static_cast<double>(probability) >= threshold; }

/// The classes of RecallRules that a photo may be, the most probable first.
std::vector<const RecallRule*> named_classes(std::span<const float> row, const DecisionRules& rules) {
  const std::size_t best = best_class(row);
  std::vector<const RecallRule*> named;
  bool reached = false;
  for (const RecallRule& rule : rules.min_recall) {
    const bool reaches_own = reaches(row[rule.index], rule.threshold);
    reached = reached || reaches_own;
    if (reaches_own || rule.index == best) named.push_back(&rule);
  }
  // The most probable class alone is no alarm: it may be unknown.
  if (!reached) named.clear();
  std::ranges::stable_sort(named, std::greater<>(), [&](const RecallRule* rule) { return row[rule->index]; });
  return named;
}

/// What rules make of a row.
struct Chosen {
  std::optional<std::size_t> index{};  ///< position of the class; unset: unknown
  const RecallRule* rule = nullptr;    ///< that chose it; null: it is the most probable class
  std::vector<std::size_t> also{};     ///< other classes that it may be
  [[nodiscard]] bool names(std::size_t wanted) const {
    return index == wanted || std::ranges::find(also, wanted) != also.end();
  }
};

Chosen choose(std::span<const float> row, const DecisionRules& rules) {
  const std::size_t best = best_class(row);
  const std::vector<const RecallRule*> named = named_classes(row, rules);
  if (named.empty()) {
    if (rules.reject_below && !reaches(row[best], *rules.reject_below)) return {};
    return {.index = best};
  }
  Chosen chosen{.index = named.front()->index, .rule = named.front()};
  for (std::size_t i = 1; i < named.size(); ++i) chosen.also.push_back(named[i]->index);
  return chosen;
}

void check_rules(const DecisionRules& rules, std::size_t width) {
  for (const RecallRule& rule : rules.min_recall) {
    if (rule.index >= width)
      fail(ErrorKind::shape_mismatch, "min_recall: there is no class ", rule.index, " of ", width);
  }
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
  if (probabilities.empty() || probabilities.size() != class_names.size()) {
    fail(ErrorKind::shape_mismatch, "expected ", class_names.size(), " probabilities, one a class, received ",
         probabilities.size());
  }
  check_rules(rules, class_names.size());
  const std::size_t best = best_class(probabilities);
  const Chosen chosen = choose(probabilities, rules);
  Decision decision;
  if (!chosen.index) {
    decision.reason = cat("the most probable class, ", class_names[best], ", has ",
                          percent(probabilities[best]), ", below ", percent(*rules.reject_below));
    return decision;
  }
  decision.index = static_cast<std::int64_t>(*chosen.index);
  decision.name = class_names[*chosen.index];
  for (const std::size_t other : chosen.also) decision.also.push_back(class_names[other]);
  if (*chosen.index != best) {
    decision.reason = cat(percent(probabilities[*chosen.index]), " reaches ", percent(chosen.rule->threshold),
                          ", the threshold for a recall of ", percent(chosen.rule->wanted.recall));
  }
  return decision;
}

DecisionFigures decision_figures(const Tensor& probabilities, const std::vector<int>& truth,
                                 const DecisionRules& rules) {
  check_rows(probabilities, truth);
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  check_rules(rules, width);
  DecisionFigures figures{.photos = truth.size(),
                          .recalls = std::vector<RecallFigures>(rules.min_recall.size())};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::span<const float> row = probabilities.data<float>().subspan(i * width, width);
    const auto own = static_cast<std::size_t>(truth[i]);
    const std::size_t best = best_class(row);
    const Chosen chosen = choose(row, rules);
    figures.right += best == own ? 1 : 0;
    figures.answered += chosen.index ? 1 : 0;
    figures.answered_right += chosen.index == own ? 1 : 0;
    for (std::size_t k = 0; k < rules.min_recall.size(); ++k) {
      const std::size_t wanted = rules.min_recall[k].index;
      RecallFigures& recall = figures.recalls[k];
      // Of a class that is the most probable one only reject_below can make something else.
      const bool hit = best == wanted || chosen.names(wanted);
      ++(own == wanted ? recall.of_class : recall.others);
      (own == wanted ? recall.found : recall.false_alarms) += hit ? 1 : 0;
      (own == wanted ? recall.found_before : recall.false_alarms_before) += best == wanted ? 1 : 0;
    }
  }
  return figures;
}

Json to_json(const RecallFigures& figures, const RecallRule& rule) {
  return {{"class", rule.wanted.class_name},
          {"wanted", rule.wanted.recall},
          {"threshold", rule.threshold},
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
  for (std::size_t k = 0; k < rules.min_recall.size(); ++k)
    json["min_recall"].push_back(to_json(figures.recalls.at(k), rules.min_recall[k]));
  return json;
}

std::string describe(const RecallFigures& figures, const RecallRule& rule) {
  return cat(rule.wanted.class_name, " from ", percent(rule.threshold), " on: ", figures.found, " of ",
             figures.of_class, " photos of it found (", share_text(figures.found, figures.of_class),
             "), by the most probable class alone ", figures.found_before, "; ", figures.false_alarms,
             " false alarms in ", figures.others, " other photos (",
             share_text(figures.false_alarms, figures.others), "), alone ", figures.false_alarms_before);
}

std::vector<std::string> describe(const DecisionFigures& figures, const DecisionRules& rules) {
  std::vector<std::string> lines;
  for (std::size_t k = 0; k < rules.min_recall.size(); ++k)
    lines.push_back(describe(figures.recalls.at(k), rules.min_recall[k]));
  if (rules.reject_below) {
    lines.push_back(cat("unknown below ", percent(*rules.reject_below), ": ", figures.answered, " of ",
                        figures.photos, " photos answered, ", figures.answered_right, " of them right (",
                        share_text(figures.answered_right, figures.answered), "), without it ", figures.right,
                        " of ", figures.photos, " (", percent(fraction(figures.right, figures.photos)), ")"));
  }
  return lines;
}

RecallRule recall_rule_in(const Json& rule, const std::vector<std::string>& class_names) {
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
  return {.wanted = {.class_name = *found, .recall = recall},
          .index = static_cast<std::size_t>(found - class_names.begin()),
          .threshold = threshold};
}

DecisionRules decision_rules(const Json& metadata, const std::vector<std::string>& class_names) {
  DecisionRules rules;
  if (metadata.contains("reject"))
    rules.reject_below = probability_in(metadata["reject"], "reject", "threshold");
  if (!metadata.contains("min_recall")) return rules;
  if (!metadata["min_recall"].is_array())
    fail(ErrorKind::bad_file, kMetadataEntry, ": min_recall: expected a list of rules");
  for (const Json& one : metadata["min_recall"]) {
    RecallRule rule = recall_rule_in(one, class_names);
    if (std::ranges::find(rules.min_recall, rule.index, &RecallRule::index) != rules.min_recall.end())
      fail(ErrorKind::bad_file, kMetadataEntry, ": min_recall: there are two rules for one class");
    rules.min_recall.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace graft::classify

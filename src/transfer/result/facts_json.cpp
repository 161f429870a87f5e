// SPDX-License-Identifier: Apache-2.0
// TrainFacts as JSON.
#include "graft/base/json.hpp"
#include "graft/train.hpp"

namespace graft::transfer {
namespace {

template <typename Value, typename ToJson>
Json array_of(const std::vector<Value>& values, const ToJson& to_json) {
  Json array = Json::array();
  for (const Value& value : values) array.push_back(to_json(value));
  return array;
}

Json round_json(const RoundScore& score) {
  Json row{{"round", score.round}, {"photos", score.photos}, {"test_photos", score.test_photos}};
  if (score.missing) row["missing"] = *score.missing;
  if (score.accuracy_then) row["accuracy_then"] = *score.accuracy_then;
  if (score.accuracy_before) row["accuracy_before"] = *score.accuracy_before;
  if (score.accuracy) row["accuracy"] = *score.accuracy;
  return row;
}

Json advice_json(const PhotosPlace& place) {
  return {{"photos_per_class", place.photos_per_class},
          {"size", place.many ? "many" : "few"},
          {"similarity", place.similar ? "similar" : "different"},
          {"decided_by", place.decided_by_time ? "time" : "work"}};
}

Json phase_json(const PhaseCounts& phase) {
  return {{"phase", phase.phase},
          {"total_params", phase.total_params},
          {"trainable_params", phase.trainable_params},
          {"trainable_variables", phase.trainable_variables}};
}

Json strength_json(const TriedStrength& tried) {
  return {{"l2", tried.l2},
          {"loss", tried.loss},
          {"errors", tried.errors},
          {"photos", tried.photos},
          {"validation_loss", tried.validation_loss},
          {"validation_accuracy", tried.validation_accuracy}};
}

Json head_json(const SolvedHead& head) {
  Json json{{"l2", head.l2},
            {"cross_validated", head.cross_validated},
            {"several_depths", head.several_depths},
            {"views", head.views},
            {"mirrored", head.mirrored},
            {"loss_with_mirrored", head.loss_with_views},
            {"loss_without_mirrored", head.loss_without_views},
            {"tried", array_of(head.tried, strength_json)}};
  if (!head.tried_on_several.empty())
    json["tried_on_several_depths"] = array_of(head.tried_on_several, strength_json);
  return json;
}

/// Trials by kind: the best of each.
Json best_of_each_json(const HeadSearch& search) {
  Json best = Json::object();
  for (const TriedHead& trial : best_of_each(search)) {
    Json entry = to_json(trial.options);
    entry.erase("kind");
    entry["accuracy"] = trial.accuracy;
    best[std::string(to_string(trial.options.kind))] = std::move(entry);
  }
  return best;
}

Json fitted_json(const FittedHead& head) {
  const Json tried = array_of(head.search.tried, [](const TriedHead& trial) {
    Json row = to_json(trial.options);
    row["accuracy"] = trial.accuracy;
    row["by_fold"] = trial.by_fold;
    return row;
  });
  Json json = to_json(head.options);
  json["cross_validation"] = {{"photos", head.search.rows},
                              {"folds", head.search.folds},
                              {"best", best_of_each_json(head.search)},
                              {"tried", tried}};
  return json;
}

Json round_head_json(const SolvedRoundHead& head) {
  return {{"l2", head.l2},
          {"near_old_head", head.near_old_head},
          {"tried", array_of(head.tried, [](const TriedRoundHead& tried) {
             return Json{{"l2", tried.l2},
                         {"near_old_head", tried.near_old_head},
                         {"loss", tried.loss},
                         {"accuracy", tried.accuracy},
                         {"photos", tried.photos}};
           })}};
}

Json network_json(const TrainedNetwork& network) {
  return {
      {"parameters", network.parameters},           {"trainable_parameters", network.trainable_parameters},
      {"learning_rate", network.learning_rate},     {"epochs", network.epochs},
      {"validation_loss", network.validation_loss}, {"validation_accuracy", network.validation_accuracy}};
}

Json fine_tuned_json(const FineTuned& tuned) {
  return {{"strategy", std::string(to_string(tuned.strategy))},
          {"from_layer", tuned.from_layer},
          {"layer_index", tuned.layer_index},
          {"learning_rate", tuned.learning_rate},
          {"epochs", tuned.epochs},
          {"operations", tuned.operations},
          {"seconds", tuned.seconds},
          {"share", tuned.share},
          {"validation_loss", tuned.validation_loss},
          {"validation_accuracy", tuned.validation_accuracy},
          {"kept", tuned.kept}};
}

Json second_network_json(const SecondNetwork& second) {
  Json json{{"model", second.model}, {"used", second.used}, {"head", head_json(second.head)}};
  if (second.fine_tuning) json["fine_tuning"] = fine_tuned_json(*second.fine_tuning);
  return json;
}

Json network_trial_json(const NetworkTrial& trial) {
  return {{"model", trial.model},     {"image_size", {trial.image_size.height, trial.image_size.width}},
          {"photos", trial.photos},   {"accuracy", trial.accuracy},
          {"loss", trial.loss},       {"operations", trial.operations},
          {"seconds", trial.seconds}, {"chosen", trial.chosen}};
}

Json calibration_json(const classify::Calibration& found) {
  return {{"temperature", found.temperature}, {"photos", found.photos},
          {"ece_before", found.ece_before},   {"ece_after", found.ece_after},
          {"loss_before", found.loss_before}, {"loss_after", found.loss_after}};
}

Json duplicates_json(const DuplicatePhotos& duplicates) {
  return {
      {"exact", duplicates.exact},
      {"near", duplicates.near},
      {"of_different_classes", duplicates.of_different_classes},
      {"dropped", duplicates.dropped},
      {"examples",
       array_of(duplicates.examples,
                [](const PhotoPair& pair) {
                  return Json{{"files", {pair.first.string(), pair.second.string()}}, {"exact", pair.exact}};
                })},
      {"validation_photos_in_training", duplicates.validation_photos_in_training},
      {"test_photos_in_training", duplicates.test_photos_in_training}};
}

Json spread_json(const Spread& spread) {
  return {{"mean", spread.mean},
          {"deviation", spread.deviation},
          {"lowest", spread.lowest},
          {"highest", spread.highest}};
}

/// Number by number.
Json repeated_errors_json(const RepeatedRuns& runs) {
  Json numbers = Json::array();
  for (std::size_t k = 0; k < runs.absolute_error.size(); ++k) {
    Json one = spread_json(runs.absolute_error[k]);
    for (const std::vector<double>& errors : runs.absolute_errors) one["each"].push_back(errors.at(k));
    numbers.push_back(std::move(one));
  }
  return {{"count", runs.absolute_errors.size()}, {"mean_absolute_error", std::move(numbers)}};
}

Json repeated_json(const RepeatedRuns& runs) {
  if (!runs.absolute_errors.empty()) return repeated_errors_json(runs);
  Json json{{"count", runs.accuracies.size()}, {"accuracies", runs.accuracies}};
  json.update(spread_json(runs.spread));
  if (!runs.average_precisions.empty()) {
    Json& precision = json["mean_average_precision"] = spread_json(runs.average_precision);
    precision["each"] = runs.average_precisions;
  }
  return json;
}

Json folds_json(const FoldedRuns& folds) {
  Json json = repeated_json(folds.runs);
  json["photos"] = folds.photos;
  if (!folds.runs.absolute_errors.empty()) return json;
  json["accuracy"] = folds.accuracy;
  json["interval"] = {folds.interval.low, folds.interval.high};
  return json;
}

/// What the recipe chose.
void add_choices(Json& json, const TrainFacts& facts) {
  if (facts.moved_by_bfloat16) {
    json["moved_by_bfloat16"] = {{"mean", facts.moved_by_bfloat16->mean},
                                 {"largest", facts.moved_by_bfloat16->largest}};
  }
  if (!facts.precision.empty()) json["precision"] = facts.precision;
  if (facts.features)
    json["features"] = {{"computed", facts.features->computed}, {"cached", facts.features->cached}};
  if (facts.advice) json["advice"] = advice_json(*facts.advice);
  if (!facts.phases.empty()) json["phases"] = array_of(facts.phases, phase_json);
  if (facts.optimize) json["optimize"] = to_string(*facts.optimize);
  if (facts.head) json["head"] = head_json(*facts.head);
  if (facts.classical_head) json["head"] = fitted_json(*facts.classical_head);
  if (facts.round_head) json["head"] = round_head_json(*facts.round_head);
  if (facts.network) json["network"] = network_json(*facts.network);
  if (facts.fine_tuning) json["fine_tuning"] = fine_tuned_json(*facts.fine_tuning);
  if (!facts.fine_tuning_tried.empty())
    json["fine_tuning_tried"] = array_of(facts.fine_tuning_tried, fine_tuned_json);
  if (facts.second_network) json["second_network"] = second_network_json(*facts.second_network);
}

}  // namespace

Json to_json(const TrainFacts& facts) {
  Json json = Json::object();
  if (!facts.networks.empty()) json["networks"] = array_of(facts.networks, network_trial_json);
  if (!facts.rounds.empty()) json["rounds"] = array_of(facts.rounds, round_json);
  add_choices(json, facts);
  if (facts.decisions) {
    json["decisions"] = {{"chosen_on", to_json(facts.decisions->chosen_on, facts.decisions->rules)},
                         {"test", to_json(facts.decisions->test, facts.decisions->rules)}};
  }
  if (facts.several) {
    const std::vector<std::string>& names = facts.several->class_names;
    json["several_labels"] = {{"classes", names},
                              {"thresholds", facts.several->thresholds},
                              {"validation", classify::to_json(facts.several->validation, names)},
                              {"test", classify::to_json(facts.several->test, names)}};
    if (!facts.several->levels.empty())
      json["several_labels"]["levels"] = classify::to_json(facts.several->levels);
    for (const RecallRule& rule : facts.several->min_recall)
      json["several_labels"]["min_recall"].push_back(
          {{"class", rule.wanted.class_name}, {"recall", rule.wanted.recall}, {"threshold", rule.threshold}});
  }
  if (facts.numbers) {
    const NumbersFacts& numbers = *facts.numbers;
    json["numbers"] = {{"names", numbers.names},
                       {"alpha", numbers.alpha},
                       {"intervals",
                        {{"level", numbers.intervals.level},
                         {"half_widths", numbers.intervals.half_widths},
                         {"photos", numbers.intervals.photos}}},
                       {"unseen", classify::to_json(numbers.unseen, numbers.names)},
                       {"validation", classify::to_json(numbers.validation, numbers.names)},
                       {"test", classify::to_json(numbers.test, numbers.names)}};
  }
  if (facts.calibration) json["calibration"] = calibration_json(*facts.calibration);
  if (!facts.seconds.empty()) {
    Json& seconds = json["seconds"] = Json::object();
    for (const auto& [stage, value] : facts.seconds) seconds[stage] = value;
  }
  if (facts.duplicates) json["duplicates"] = duplicates_json(*facts.duplicates);
  if (facts.folds) json["folds"] = folds_json(*facts.folds);
  if (facts.seeds) json["seeds"] = repeated_json(*facts.seeds);
  return json;
}

}  // namespace graft::transfer

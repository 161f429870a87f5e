// SPDX-License-Identifier: Apache-2.0
#include "cli/edit_steps.hpp"

#include <algorithm>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/models/preprocessing_layer.hpp"

#include "cli/layer_spec.hpp"

namespace graft::cli {
namespace {

/// Takes over the result of a step. classes_stay: the outputs still are the classes.
void keep(EditedModel& edited, models::Edited step, bool classes_stay = true) {
  const auto thresholds = [&] {
    return edited.metadata.contains("reject") || edited.metadata.contains("min_recall");
  };
  const bool had_thresholds = thresholds();
  edited.model = std::move(step.model);
  classify::update_metadata(edited.metadata, edited.model, classes_stay);
  if (had_thresholds && !thresholds())
    step.report.notes.emplace_back(
        "The thresholds of the model's answers were removed: they belong to its former probabilities.");
  edited.reports.push_back(std::move(step.report));
}

std::optional<std::vector<std::int64_t>> hidden_of(const EditSteps& steps) {
  if (steps.no_hidden) return std::vector<std::int64_t>{};
  if (steps.hidden.empty()) return std::nullopt;
  return steps.hidden;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 8 &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> names_of(const EditedModel& edited) {
  return Classifier(edited.model, edited.metadata).class_names();
}

std::vector<std::string> wanted_classes(const EditedModel& edited, const EditSteps& steps) {
  std::vector<std::string> names = steps.classes.empty() ? names_of(edited) : steps.classes;
  for (const std::string& name : steps.remove_class) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      fail(ErrorKind::not_found, "--remove-class: there is no class '", name, "'; the classes are ",
           comma_list(names, {}, kMostClassesNamed));
    }
    names.erase(found);
  }
  names.insert(names.end(), steps.add_class.begin(), steps.add_class.end());
  return names;
}

/// A trained head is not replaced by accident: as many classes under other names are mostly the same ones.
void check_new_head(const EditedModel& edited, const EditSteps& steps) {
  const std::vector<std::string> before = names_of(edited);
  const bool replaced = steps.new_head || hidden_of(steps).has_value();
  if (steps.classes.empty() || replaced || edited.model.output_shape().rank() != 2) return;
  const bool number = steps.classes.size() == 1 && is_number(steps.classes.front());
  const std::size_t wanted = number ? std::stoul(steps.classes.front()) : steps.classes.size();
  const auto is_known = [&](const std::string& name) {
    return std::ranges::find(before, name) != before.end();
  };
  if (wanted != before.size() || (!number && std::ranges::any_of(steps.classes, is_known))) return;
  fail(ErrorKind::invalid_argument, "--classes: the model already has ", wanted, " classes (",
       comma_list(before, {}, kMostClassesNamed), ")", number ? "" : " and none of these names",
       ", so that its head would lose what it learnt; to name them use --class-names, and for a new, "
       "untrained "
       "head add --new-head");
}

void change_head(EditedModel& edited, const EditSteps& steps) {
  const bool changes = !steps.classes.empty() || !steps.add_class.empty() || !steps.remove_class.empty() ||
                       hidden_of(steps).has_value();
  if (!changes) {
    if (steps.dropout != 0) fail(ErrorKind::invalid_argument, "--dropout: expected --hidden too");
    if (steps.new_head) fail(ErrorKind::invalid_argument, "--new-head: expected --classes too");
    return;
  }
  check_new_head(edited, steps);
  if (steps.classes.size() == 1 && is_number(steps.classes.front()) && steps.add_class.empty() &&
      steps.remove_class.empty()) {
    // A number of classes without names: none of the old classes can be recognised.
    models::Edited step = models::replace_head(
        edited.model,
        {.classes = std::stoll(steps.classes.front()), .hidden = hidden_of(steps), .dropout = steps.dropout});
    keep(edited, std::move(step), false);
    return;
  }
  models::Edited step = classify::replace_classes(
      edited.model, edited.metadata,
      {.names = wanted_classes(edited, steps), .hidden = hidden_of(steps), .dropout = steps.dropout});
  keep(edited, std::move(step));
}

void change_layers(EditedModel& edited, const EditSteps& steps) {
  if (!steps.extract.empty()) {
    keep(edited, models::extract(edited.model, steps.extract), false);
    if (edited.metadata.is_object()) edited.metadata.erase("preprocessing");
  }
  if (!steps.truncate.empty()) keep(edited, models::truncate(edited.model, steps.truncate), false);
  for (const std::string& layer : steps.remove) keep(edited, models::remove_layer(edited.model, layer));
  for (const auto& [layer, spec] : steps.replace)
    keep(edited, models::replace_layer(edited.model, layer, parse_layer(spec, edited.model)));
  for (const auto& [layer, spec] : steps.insert_before)
    keep(edited, models::insert_before(edited.model, layer, {parse_layer(spec, edited.model)}));
  for (const auto& [layer, spec] : steps.insert_after)
    keep(edited, models::insert_after(edited.model, layer, {parse_layer(spec, edited.model)}));
}

void change_input(EditedModel& edited, const EditSteps& steps) {
  if (steps.pixels) keep(edited, classify::scale_pixels(edited.model, edited.metadata, *steps.pixels));
  if (steps.input_size) keep(edited, models::change_input_size(edited.model, *steps.input_size));
  if (steps.channels == 0) return;
  const auto added = steps.new_channels == "zero" ? models::NewChannels::zero : models::NewChannels::average;
  keep(edited, models::change_channels(edited.model, {.channels = steps.channels, .added = added}));
}

/// Layers that stay as they are in training; graft train and Keras read the flags from the file.
void freeze_layers(EditedModel& edited, const EditSteps& steps) {
  if (steps.freeze.empty() && steps.fine_tune_from.empty()) return;
  const models::FreezeReport frozen =
      models::freeze(edited.model, {.names = steps.freeze, .from = steps.fine_tune_from});
  models::EditReport report;
  report.edit = cat(frozen.frozen_layers, " of ", frozen.layers, " layers frozen");
  for (const VariablePtr& weight : edited.model.weights()) report.kept.push_back(weight->path());
  report.params_before = report.params_after = report.params_kept = frozen.total_params;
  report.params_preprocessing = models::preprocessing_params(edited.model);
  report.notes.push_back(
      cat(with_commas(frozen.trainable_params), " parameters train",
          frozen.first_trainable.empty() ? "." : cat(", first ", frozen.first_trainable, ".")));
  edited.reports.push_back(std::move(report));
}

}  // namespace

void apply_steps(EditedModel& edited, const EditSteps& steps) {
  change_layers(edited, steps);
  change_input(edited, steps);
  if (!steps.class_names.empty())
    keep(edited, classify::name_classes(edited.model, edited.metadata, steps.class_names));
  change_head(edited, steps);
  freeze_layers(edited, steps);
}

}  // namespace graft::cli

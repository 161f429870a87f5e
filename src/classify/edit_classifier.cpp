// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/decision.hpp"
#include "graft/models/preprocessing_layer.hpp"
#include "graft/quantize.hpp"
#include "graft/saving.hpp"

namespace graft::classify {
namespace {

void check_names(const std::vector<std::string>& names) {
  if (names.size() < 2) {
    fail(ErrorKind::invalid_argument, "classes: expected at least two names, received ", names.size());
  }
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty()) fail(ErrorKind::invalid_argument, "classes: a name is empty");
    if (!seen.insert(name).second) fail(ErrorKind::invalid_argument, "classes: '", name, "' is given twice");
  }
}

std::string quoted(const std::vector<std::string>& names) {
  return comma_list(names, [](const std::string& name) { return cat("'", name, "'"); });
}

/// Where each name was before; -1 for new ones.
std::vector<std::int64_t> origins(const std::vector<std::string>& before,
                                  const std::vector<std::string>& now) {
  std::vector<std::int64_t> from;
  for (const std::string& name : now) {
    const auto found = std::ranges::find(before, name);
    from.push_back(found == before.end() ? -1 : found - before.begin());
  }
  return from;
}

/// Thresholds belong to the probabilities that they were found for.
void erase_decision_rules(Json& metadata, std::vector<std::string>& notes) {
  metadata.erase("intervals");
  if (metadata.erase("reject") + metadata.erase("min_recall") == 0) return;
  notes.emplace_back(
      "The thresholds of the model's answers were removed: they belong to its former probabilities.");
}

}  // namespace

models::Edited replace_classes(const Model& model, Json& metadata, const ClassesOptions& options) {
  check_names(options.names);
  refuse_other_than_one_class(metadata, "other classes");
  const std::vector<std::string> before = class_names(model, metadata);
  const OutputKind kind = output_kind(model, metadata);
  const bool one_output = model.output_shape()[1] == 1;
  models::ReplaceHeadOptions head{.classes = static_cast<std::int64_t>(options.names.size()),
                                  .from = origins(before, options.names),
                                  .hidden = options.hidden,
                                  .dropout = options.dropout};
  models::Edited edited = models::replace_head(model, head);
  std::vector<std::string> added, gone;
  for (const std::string& name : options.names) {
    if (std::ranges::find(before, name) == before.end()) added.push_back(name);
  }
  for (const std::string& name : before) {
    if (std::ranges::find(options.names, name) == options.names.end()) gone.push_back(name);
  }
  if (!added.empty() && added.size() < 20)
    edited.report.notes.push_back(cat("New, and to be trained: ", quoted(added), "."));
  if (!gone.empty() && gone.size() < 20) edited.report.notes.push_back(cat("Removed: ", quoted(gone), "."));
  if (metadata.is_null()) metadata = Json::object();
  metadata.erase(kInt8Key);  // found for the model as it was
  erase_decision_rules(metadata, edited.report.notes);
  metadata["class_names"] = options.names;
  if (one_output) metadata["output"] = kind == OutputKind::sigmoid ? "softmax" : "logits";
  return edited;
}

models::Edited name_classes(const Model& model, Json& metadata, const std::vector<std::string>& names) {
  check_names(names);
  const std::vector<std::string> before = class_names(model, metadata);
  if (names.size() != before.size()) {
    fail(ErrorKind::invalid_argument, "class names: expected ", before.size(), ", one a class of model '",
         model.name(), "', received ", names.size());
  }
  if (metadata.is_null()) metadata = Json::object();
  const std::vector<RecallRule> rules = decision_rules(metadata, before).min_recall;
  for (std::size_t k = 0; k < rules.size(); ++k) metadata["min_recall"][k]["class"] = names[rules[k].index];
  metadata["class_names"] = names;
  models::Edited edited{.model = model};
  edited.report.edit = cat("classes named ", quoted(names));
  for (const VariablePtr& weight : model.weights()) edited.report.kept.push_back(weight->path());
  edited.report.params_before = edited.report.params_after = edited.report.params_kept = model.count_params();
  edited.report.params_preprocessing = models::preprocessing_params(model);
  return edited;
}

}  // namespace graft::classify

namespace graft {

void Model::save(const std::filesystem::path& path, const std::vector<std::string>& class_names) const {
  Json metadata;
  static_cast<void>(classify::name_classes(*this, metadata, class_names));
  saving::save_model(*this, path, {.extra = {{kMetadataEntry, metadata.dump(1)}}});
}

}  // namespace graft

namespace graft::classify {

void update_metadata(Json& metadata, const Model& model, bool keeps_classes) {
  if (!metadata.is_object()) return;
  metadata.erase(kInt8Key);
  const Shape input = model.input_shape();
  const Json size_before = metadata.value("image_size", Json());
  if (input.rank() == 4 && input[1] > 0 && input[2] > 0) metadata["image_size"] = {input[1], input[2]};
  std::vector<std::string> ignored;
  if (metadata.value("image_size", Json()) != size_before) erase_decision_rules(metadata, ignored);
  const Shape output = model.output_shape();
  if (keeps_classes && !metadata.contains("class_names")) return;
  const std::int64_t classes =
      output.rank() == 2 ? (output[1] == 1 && !gives_numbers(metadata) ? 2 : output[1]) : 0;
  const bool fits = keeps_classes && static_cast<std::int64_t>(metadata["class_names"].size()) == classes;
  if (fits) return;
  erase_decision_rules(metadata, ignored);
  metadata.erase("class_names");
  metadata.erase("output");
  metadata.erase("labels");
  metadata.erase("thresholds");
}

}  // namespace graft::classify

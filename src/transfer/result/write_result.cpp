// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/evaluation.hpp"
#include "graft/execution.hpp"
#include "graft/saving.hpp"
#include "graft/train.hpp"
#include "graft/version.hpp"

#include "transfer/result/history.hpp"
#include "transfer/result/settings.hpp"

namespace graft::transfer {
namespace {

Json result_json(const TrainResult& result) {
  Json left_out = Json::array();
  for (const data::LeftOut& file : result.left_out) {
    left_out.push_back({{"file", file.path.string()}, {"reason", file.reason}});
  }
  Json json{
      {"test_accuracy", result.test_accuracy},
      {"test_accuracy_interval", {result.test_accuracy_interval.low, result.test_accuracy_interval.high}},
      {"validation_accuracy", result.validation_accuracy},
      {"classes", result.class_names},
      {"photos",
       {{"train", result.train_photos},
        {"validation", result.validation_photos},
        {"test", result.test_photos}}},
      {"confusion", result.confusion},
      {"skipped_images", left_out},
      {"notes", result.notes},
      {"stopped", result.stopped},
      {"broke_down", result.broke_down}};
  if (const auto levels = classify::level_figures(result.class_names, result.confusion); !levels.empty())
    json["levels"] = to_json(levels);
  json.update(to_json(result.facts));
  if (result.facts.numbers) {  // what classes have
    for (const char* key : {"test_accuracy", "test_accuracy_interval", "validation_accuracy", "classes"})
      json[key] = nullptr;
    json.erase("confusion");
  }
  for (const EpochRow& row : result.history)
    json["epoch_seconds"].push_back(row.seconds > 0 ? Json(row.seconds) : Json());
  return json;
}

/// The settings, and what a text about methods needs beside them.
Json settings_of(const TrainResult& result, const TrainOptions& options,
                 const std::filesystem::path& photos) {
  Json settings = settings_json(options, photos, result.image_size);
  settings["model"] = result.network;
  // There is no temperature of numbers.
  if (result.facts.numbers) settings["tuning"]["calibrate"] = false;
  const Json& metadata = *result.metadata;
  settings["used"] = {
      {"graft_version", std::string(version())},
      {"threads", resolved({.threads = options.threads}).threads},
      {"precision", result.facts.precision.empty() ? options.precision : result.facts.precision},
      {"architecture", metadata.value("architecture", "")}};
  if (result.facts.built_base) {
    settings["used"]["weights"] = result.facts.built_base->weights;
    settings["used"]["alpha"] = result.facts.built_base->alpha;
    // Unlike other later rounds, one of several labels fine-tunes.
    const auto* round = std::get_if<RoundRecipe>(&options.recipe);
    if (round != nullptr && round->recipe == RecipeName::automatic)
      settings.update({{"epochs", round->epochs}, {"batch_size", options.batch_size}});
  }
  if (result.facts.weights) {
    settings["used"]["weights_file"] = result.facts.weights->file;
    settings["used"]["weights_sha256"] = result.facts.weights->sha256;
  }
  return settings;
}

/// Is there such a file in the folder? This run wrote it.
bool is_in(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return !file.empty() && std::filesystem::exists(file) &&
         std::filesystem::equivalent(file.parent_path(), folder);
}

/// Bytes of file names that are no UTF-8 are replaced.
std::string as_text(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void write_result(const TrainResult& result, const TrainOptions& options, const std::filesystem::path& photos,
                  const std::filesystem::path& folder) {
  std::map<std::string, std::string> extra{{kMetadataEntry, result.metadata->dump(1)}};
  if (result.training_features != nullptr)
    extra[kTrainingFeaturesEntry] = to_bytes(*result.training_features);
  const std::vector<double> thresholds =
      result.facts.several ? result.facts.several->thresholds : std::vector<double>{};
  const auto write = [&](const std::filesystem::path& in) {
    saving::save_model(result.model, in / "model.keras", {.extra = extra});
    write_file_atomically(in / "history.csv", history_csv(result.history));
    write_file_atomically(in / kPredictionsFile,
                          result.facts.numbers
                              ? numbers_csv(result.answers, result.class_names)
                              : predictions_csv(result.answers, result.class_names, thresholds));
    write_file_atomically(in / "settings.json", as_text(settings_of(result, options, photos)));
    if (!result.rounds.empty()) write_file_atomically(in / kRoundsFile, as_text(rounds_json(result.rounds)));
    write_file_atomically(in / "result.json", as_text(result_json(result)));
  };
  const bool ours = is_in(options.checkpoint, folder) || is_in(options.early_model, folder);
  if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
    if (!ours && !options.resume)
      fail(ErrorKind::io, folder.string(), " already exists and is not empty; name another folder");
    write(folder);
  } else {
    AtomicDirectory directory(folder);
    write(directory.temporary_path());
    directory.commit();
  }
  std::error_code ignored;
  if (!options.checkpoint.empty() && !result.stopped) std::filesystem::remove(options.checkpoint, ignored);
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "graft/base/atomic_file.hpp"
#include "graft/base/error.hpp"
#include "graft/saving/save_model.hpp"
#include "graft/transfer/classifier.hpp"
#include "graft/transfer/train.hpp"

namespace graft::transfer {
namespace {

std::string recipe_name(Recipe recipe) {
  switch (recipe) {
    case Recipe::automatic:
      return "auto";
    case Recipe::head:
      return "head";
    case Recipe::tutorial:
      return "tutorial";
  }
  return "auto";
}

Json settings_json(const TrainOptions& options, const std::filesystem::path& photos, Size2D size) {
  return {{"photos", std::filesystem::absolute(photos).string()},
          {"model", options.model},
          {"weights", options.weights},
          {"image_size", {size.height, size.width}},
          {"recipe", recipe_name(options.recipe)},
          {"test", options.test.string()},
          {"validation", options.validation.string()},
          {"seed", options.seed},
          {"precision", options.precision},
          {"batch_size", options.batch_size},
          {"epochs", options.epochs},
          {"fine_tune_from", options.fine_tune_from},
          {"fine_tune_epochs", options.fine_tune_epochs},
          {"exif", options.exif == data::Exif::apply ? "apply" : "ignore"}};
}

Json result_json(const TrainResult& result) {
  Json left_out = Json::array();
  for (const data::LeftOut& file : result.left_out) {
    left_out.push_back({{"file", file.path.string()}, {"reason", file.reason}});
  }
  Json json{{"test_accuracy", result.test_accuracy},
            {"validation_accuracy", result.validation_accuracy},
            {"seconds", result.seconds},
            {"classes", result.class_names},
            {"photos",
             {{"train", result.train_photos},
              {"validation", result.validation_photos},
              {"test", result.test_photos}}},
            {"confusion", result.confusion},
            {"skipped_images", left_out},
            {"notes", result.notes},
            {"stopped", result.stopped}};
  json.update(result.facts);
  return json;
}

/// Rows of figures as CSV: every key that any row has is a column.
std::string history_csv(const Json& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    for (const auto& [key, value] : row.items()) {
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i > 0 ? "," : "") + columns[i];
  text += '\n';
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += ',';
      if (!row.contains(columns[i])) continue;
      const Json& value = row[columns[i]];
      text += value.is_string() ? value.get<std::string>() : value.dump();
    }
    text += '\n';
  }
  return text;
}

}  // namespace

void write_result(const TrainResult& result, const TrainOptions& options, const std::filesystem::path& photos,
                  const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
    fail(ErrorKind::io, folder.string(), " exists already and is not empty; name another folder with --out");
  }
  AtomicDirectory directory(folder);
  const std::filesystem::path& in = directory.temporary_path();
  saving::save_model(result.model, in / "model.keras",
                     {.extra = {{kMetadataEntry, result.metadata.dump(1)}}});
  write_file_atomically(in / "history.csv", history_csv(result.history));
  write_file_atomically(in / "result.json", result_json(result).dump(1) + "\n");
  write_file_atomically(in / "settings.json",
                        settings_json(options, photos, result.image_size).dump(1) + "\n");
  directory.commit();
}

}  // namespace graft::transfer

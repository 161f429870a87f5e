// SPDX-License-Identifier: Apache-2.0
#include "cli/train_report.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "cli/class_report.hpp"
#include "cli/number_text.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"

namespace graft::cli {
namespace {

std::string padded(std::string text, std::size_t width, bool right) {
  // Count characters: one may have several bytes of UTF-8.
  const auto letters = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  const std::string space(width > letters ? width - letters : 0, ' ');
  return right ? space + text : text + space;
}

/// A table of the earlier rounds; empty when there were none.
std::string rounds_text(const transfer::TrainResult& result) {
  if (result.facts.rounds.empty()) return {};
  const auto figure = [](const std::optional<double>& value) {
    return value ? percent(*value) : std::string("-");
  };
  std::vector<std::vector<std::string>> table{{"round", "photos", "tested on", "then", "before", "now"}};
  for (const transfer::RoundScore& row : result.facts.rounds) {
    std::string count = std::to_string(row.test_photos);
    if (row.missing.value_or(0) > 0) count += cat(" (", *row.missing, " gone)");
    table.push_back({std::to_string(row.round), row.photos, count, figure(row.accuracy_then),
                     figure(row.accuracy_before), figure(row.accuracy)});
  }
  std::vector<std::size_t> widths(table.front().size(), 0);
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size(); ++i)
      text += (i > 0 ? "   " : "") + padded(line[i], widths[i], i != 1);
    text += '\n';
  }
  return text + '\n';
}

/// What is known of the test photos' novelty: a figure on photos that were trained on says little.
std::string test_photos_text(const transfer::TrainResult& result) {
  if (!result.facts.duplicates) return ".";  // nobody looked
  const std::size_t seen = result.facts.duplicates->test_photos_in_training;
  if (seen == 0) return " never used before.";
  return cat(", ", seen, " of them also among the training or validation photos.");
}

/// Where classes are uneven and the rare ones are recognised worse than the photos as a whole.
std::string balanced_hint(const transfer::TrainResult& result) {
  const classify::ClassFigures figures = classify::class_figures(result.confusion);
  const bool automatic = result.facts.head.has_value() && !result.facts.optimize;
  if (!automatic || figures.balanced_accuracy >= result.test_accuracy) return {};
  return "\nif all classes matter the same: --optimize balanced";
}

}  // namespace

namespace {

/// The figures of numbers, in place of accuracy and confusion.
void add_numbers(Json& json, const transfer::TrainResult& result) {
  for (const char* key :
       {"confusion", "by_class", "test_accuracy", "test_accuracy_interval", "validation_accuracy", "classes"})
    json.erase(key);
  json["numbers"] = to_json(result.facts)["numbers"];
}

/// The figures of several labels, in place of a confusion.
void add_several(Json& json, const transfer::TrainResult& result) {
  json.erase("confusion");
  json.erase("by_class");
  json["several_labels"] = to_json(result.facts)["several_labels"];
}

}  // namespace

Json train_json(const transfer::TrainResult& result, const std::filesystem::path& folder) {
  const bool several = result.facts.several.has_value();
  Json json{
      {"test_accuracy", result.test_accuracy},
      {"test_accuracy_interval", {result.test_accuracy_interval.low, result.test_accuracy_interval.high}},
      {"validation_accuracy", result.validation_accuracy},
      {"seconds", result.seconds},
      {"model", (folder / "model.keras").string()},
      {"classes", result.class_names},
      {"image_size", {result.image_size.height, result.image_size.width}},
      {"photos",
       {{"train", result.train_photos},
        {"validation", result.validation_photos},
        {"test", result.test_photos}}},
      {"confusion", result.confusion},
      {"by_class",
       several || result.facts.numbers ? Json() : class_json(result.confusion, result.class_names)},
      {"stopped", result.stopped},
      {"broke_down", result.broke_down},
      {"notes", result.notes},
      {"facts", to_json(result.facts)},
      {"skipped_images", left_out_json(result.left_out)}};
  if (const auto levels = classify::level_figures(result.class_names, result.confusion); !levels.empty())
    json["levels"] = to_json(levels);
  if (several) add_several(json, result);
  if (result.facts.numbers) add_numbers(json, result);
  return json;
}

std::string train_text(const transfer::TrainResult& result, const std::filesystem::path& folder) {
  std::string text = rounds_text(result);
  if (result.stopped) text += "stopped on request; this is the best model so far\n";
  const std::string files =
      cat("\n", folder.string(), "/  model.keras",
          std::filesystem::exists(folder / "report.html") ? " · report.html" : "",
          " · predictions.csv · history.csv · result.json        ", duration(result.seconds),
          "\n\nTry it:    graft predict ", quoted(folder.string()), " photo.jpg\n");
  if (const auto& numbers = result.facts.numbers) {
    return text +
           cat("test, ", counted(result.test_photos, "photo", "photos"), "\n",
               numbers_report(numbers->test, numbers->names, numbers->intervals.level)) +
           files;
  }
  if (const auto& several = result.facts.several) {
    return text +
           cat("test, ", counted(result.test_photos, "photo", "photos"), ": ",
               several_report(several->test, several->levels, several->class_names, several->thresholds)) +
           files;
  }
  text += cat("test ", percent(result.test_accuracy), " (", interval_text(result.test_accuracy_interval),
              "), ", counted(result.test_photos, "photo", "photos"), test_photos_text(result));
  const std::string confused = most_confused(result.confusion, result.class_names);
  if (!confused.empty()) text += "   most confused: " + confused;
  for (const std::string& line : level_report(result.confusion, result.class_names)) text += "\n" + line;
  const std::string classes = class_report(result.confusion, result.class_names);
  if (!classes.empty()) text += "\n" + classes + balanced_hint(result);
  return text + files;
}

}  // namespace graft::cli

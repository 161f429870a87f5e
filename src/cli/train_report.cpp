// SPDX-License-Identifier: Apache-2.0
#include "cli/train_report.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "cli/common_options.hpp"
#include "cli/confusion.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/round_options.hpp"

namespace graft::cli {
namespace {

/// As it can be typed into a shell.
std::string quoted(const std::string& word) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

Json train_json(const transfer::TrainResult& result, const std::filesystem::path& folder) {
  return {{"test_accuracy", result.test_accuracy},
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
          {"stopped", result.stopped},
          {"broke_down", result.broke_down},
          {"notes", result.notes},
          {"facts", result.facts},
          {"skipped_images", left_out_json(result.left_out)}};
}

std::string train_text(const transfer::TrainResult& result, const std::filesystem::path& folder) {
  std::string text = rounds_text(result);
  if (result.stopped) text += "stopped as asked; this is the best so far\n";
  text += cat("test ", percent(result.test_accuracy), " (", in_words(result.test_accuracy_interval), "), ",
              counted(result.test_photos, "photo", "photos"), " never used before.");
  const std::string confused = most_confused(result.confusion, result.class_names);
  if (!confused.empty()) text += "   most confused: " + confused;
  text +=
      cat("\n", folder.string(), "/  model.keras · history.csv · result.json        ",
          duration(result.seconds), "\n\nTry it:    graft predict ", quoted(folder.string()), " photo.jpg\n");
  return text;
}

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/round_options.hpp"

#include <algorithm>
#include <charconv>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

/// An option given on the command line stays; another is as in the earlier run.
template <typename Value>
void take(const CLI::App& command, const char* name, Value& value, const Value& earlier) {
  if (command.count(name) == 0) value = earlier;
}

void read_rehearse(const std::vector<std::string>& words, transfer::RoundOptions& options) {
  for (const std::string& word : words) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    std::error_code ignored;
    if (fs::is_directory(word, ignored)) {
      options.rehearse_folders.emplace_back(word);
    } else if (error == std::errc() && end == word.data() + word.size() && number > 0 &&
               !options.rehearse_per_class) {
      options.rehearse_per_class = number;
    } else {
      fail(ErrorKind::invalid_argument, "--rehearse ", word,
           ": expected folders of older photos, or one number of photos a class, or both");
    }
  }
}

std::string padded(std::string text, std::size_t width, bool right) {
  // Names may hold letters of several bytes: what counts is their number.
  const auto letters = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  const std::string space(width > letters ? width - letters : 0, ' ');
  return right ? space + text : text + space;
}

}  // namespace

void add_round_options(CLI::App& command, RoundWords& words, transfer::TrainOptions& options) {
  command
      .add_option("--from", words.from,
                  "go on from an earlier result folder (or model file): weights, classes and settings are "
                  "taken over, new classes added")
      ->type_name("DIR");
  command
      .add_option("--rehearse", words.rehearse,
                  "with --from: learn older photos again, so many of each class, and/or those in a folder")
      ->type_name("N|DIR...");
  command
      .add_option("--learning-rate", options.rounds.learning_rate,
                  "of a network of one's own; default 1e-3, to go on with the tutorial's 1e-5")
      ->check(CLI::Range(1e-12, 1e3))
      ->type_name("RATE");
}

void complete_round(const CLI::App& command, const RoundWords& words, transfer::TrainOptions& options) {
  if (words.from.empty()) {
    if (!words.rehearse.empty())
      fail(ErrorKind::invalid_argument, "--rehearse: expected --from DIR too, the round to go on from");
    return;
  }
  transfer::TrainOptions earlier;
  transfer::take_settings_over(words.from, earlier);
  options.rounds.from = words.from;
  read_rehearse(words.rehearse, options.rounds);
  for (const char* option : {"--model", "--weights"}) {
    if (command.count(option) > 0) {
      fail(ErrorKind::invalid_argument, option, ": ", words.from,
           " has its own; leave the option out, or train anew without --from");
    }
  }
  options.model = earlier.model;
  take(command, "--recipe", options.recipe, earlier.recipe);
  take(command, "--precision", options.precision, earlier.precision);
  take(command, "--seed", options.seed, earlier.seed);
  take(command, "--batch-size", options.batch_size, earlier.batch_size);
  take(command, "--epochs", options.epochs, earlier.epochs);
  take(command, "--fine-tune-from", options.fine_tune_from, earlier.fine_tune_from);
  take(command, "--fine-tune-epochs", options.fine_tune_epochs, earlier.fine_tune_epochs);
  take(command, "--exif", options.exif, earlier.exif);
  take(command, "--jpeg", options.jpeg_scale, earlier.jpeg_scale);
  take(command, "--learning-rate", options.rounds.learning_rate, earlier.rounds.learning_rate);
}

std::string rounds_text(const transfer::TrainResult& result) {
  if (!result.facts->contains("rounds")) return {};
  const Json& rows = (*result.facts)["rounds"];
  const auto figure = [](const Json& row, const char* key) {
    return row.contains(key) ? percent(row[key].get<double>()) : std::string("-");
  };
  std::vector<std::vector<std::string>> table{{"round", "photos", "tested on", "then", "before", "now"}};
  for (const Json& row : rows) {
    std::string count = std::to_string(row["test_photos"].get<std::size_t>());
    if (row.value("missing", std::size_t{0}) > 0) count += cat(" (", row["missing"].get<int>(), " gone)");
    table.push_back({std::to_string(row["round"].get<int>()), row["photos"].get<std::string>(), count,
                     figure(row, "accuracy_then"), figure(row, "accuracy_before"), figure(row, "accuracy")});
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

}  // namespace graft::cli

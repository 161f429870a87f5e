// SPDX-License-Identifier: Apache-2.0
#include "cli/round_arguments.hpp"

#include <charconv>

#include "graft/base/fail.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

/// An option that the command line does not give has the value of the earlier run.
template <typename Value>
void keep_earlier(const CLI::App& command, const char* name, Value& value, const Value& earlier) {
  if (command.count(name) == 0) value = earlier;
}

void read_rehearse(const std::vector<std::string>& given, transfer::RoundOptions& options) {
  for (const std::string& text : given) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::error_code ignored;
    if (fs::is_directory(text, ignored)) {
      options.rehearse_folders.emplace_back(text);
    } else if (error == std::errc() && end == text.data() + text.size() && number > 0 &&
               !options.rehearse_per_class) {
      options.rehearse_per_class = number;
    } else {
      fail(ErrorKind::invalid_argument, "--rehearse ", text,
           ": expected folders of earlier photos, or one number of photos per class, or both");
    }
  }
}

}  // namespace

void add_from_option(CLI::App& command, RoundArguments& round) {
  command
      .add_option("--from", round.from,
                  "continue from an earlier result folder (or model file): its weights, classes and "
                  "settings, plus the new classes")
      ->type_name("DIR");
}

void add_rehearse_option(CLI::App& command, RoundArguments& round) {
  command
      .add_option("--rehearse", round.rehearse,
                  "with --from: also train on earlier photos: N of each class, those in a folder, or both")
      ->type_name("N|DIR");
}

void add_learning_rate_option(CLI::App& command, transfer::TrainOptions& options) {
  command
      .add_option("--learning-rate", options.rounds.learning_rate,
                  "for a network of your own; default: 1e-3, or 1e-5 to continue a tutorial with --from")
      ->check(CLI::Range(1e-12, 1e3))
      ->type_name("RATE");
}

void complete_round(const CLI::App& command, const RoundArguments& round, transfer::TrainOptions& options) {
  if (round.from.empty()) {
    if (!round.rehearse.empty())
      fail(ErrorKind::invalid_argument, "--rehearse: expected --from DIR too, the result to continue from");
    return;
  }
  transfer::TrainOptions earlier;
  transfer::take_settings_over(round.from, earlier);
  options.rounds.from = round.from;
  read_rehearse(round.rehearse, options.rounds);
  for (const char* option : {"--model", "--weights"}) {
    if (command.count(option) > 0) {
      fail(ErrorKind::invalid_argument, option, ": ", round.from,
           " has its own; leave the option out, or train without --from");
    }
  }
  options.model = earlier.model;
  keep_earlier(command, "--recipe", options.recipe, earlier.recipe);
  keep_earlier(command, "--precision", options.precision, earlier.precision);
  keep_earlier(command, "--seed", options.seed, earlier.seed);
  keep_earlier(command, "--batch-size", options.batch_size, earlier.batch_size);
  keep_earlier(command, "--epochs", options.epochs, earlier.epochs);
  keep_earlier(command, "--fine-tune-from", options.fine_tune_from, earlier.fine_tune_from);
  keep_earlier(command, "--fine-tune-epochs", options.fine_tune_epochs, earlier.fine_tune_epochs);
  keep_earlier(command, "--exif", options.exif, earlier.exif);
  keep_earlier(command, "--jpeg", options.jpeg_scale, earlier.jpeg_scale);
  keep_earlier(command, "--learning-rate", options.rounds.learning_rate, earlier.rounds.learning_rate);
}

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/round_arguments.hpp"

#include <charconv>

#include "graft/base/fail.hpp"
#include "graft/transfer/earlier_run.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

/// An option that the command line does not give has the value of the earlier run.
template <typename Value>
void keep_earlier(const CLI::App& command, const char* name, Value& value, const Value& earlier) {
  if (command.count(name) == 0) value = earlier;
}

void read_rehearse(const std::vector<std::string>& given, transfer::RoundRecipe& options) {
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

transfer::RoundRecipe read_round(const CLI::App& command, const RoundArguments& round,
                                 transfer::TrainOptions& options) {
  transfer::TrainOptions earlier;
  transfer::read_earlier_settings(round.from, earlier);
  auto recipe = std::get<transfer::RoundRecipe>(earlier.recipe);
  read_rehearse(round.rehearse, recipe);
  for (const char* option : {"--model", "--weights"}) {
    if (command.count(option) > 0) {
      fail(ErrorKind::invalid_argument, option, ": ", round.from,
           " has its own; leave the option out, or train without --from");
    }
  }
  options.model = earlier.model;
  keep_earlier(command, "--precision", options.precision, earlier.precision);
  keep_earlier(command, "--seed", options.seed, earlier.seed);
  keep_earlier(command, "--batch-size", options.batch_size, earlier.batch_size);
  keep_earlier(command, "--exif", options.exif, earlier.exif);
  keep_earlier(command, "--jpeg", options.jpeg_scale, earlier.jpeg_scale);
  keep_earlier(command, "--pixel-type", options.pixel_type, earlier.pixel_type);
  return recipe;
}

}  // namespace graft::cli

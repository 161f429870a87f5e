// SPDX-License-Identifier: Apache-2.0
#include "cli/honest_options.hpp"

#include <map>

namespace graft::cli {

using transfer::Duplicates;

void add_honest_options(CLI::App& command, transfer::EvaluationOptions& options) {
  static const std::map<std::string, Duplicates> names{
      {"report", Duplicates::report}, {"drop", Duplicates::drop}, {"ignore", Duplicates::ignore}};
  command
      .add_option_function<std::string>(
          "--duplicates", [&options](const std::string& name) { options.duplicates = names.at(name); },
          "photos that are there twice or nearly: report (and keep in one part), drop from training, or "
          "ignore")
      ->check(CLI::IsMember({"report", "drop", "ignore"}))
      ->type_name("WHAT");
  command
      .add_option(
          "--group-by", options.group_by,
          "photos of one group never in two parts: parent-folder, prefix (the name up to its last _ or "
          "-), or a regular expression whose first group names it")
      ->type_name("HOW");
  command.add_option("--folds", options.folds, "also train and test the recipe on so many folds")
      ->check(CLI::Range(2, 100))
      ->type_name("K");
  command.add_option("--seeds", options.seeds, "also train with the seeds that follow, so many in all")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
}

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/first_network.hpp"

#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/pretrained.hpp"

#include "cli/fetch_weights.hpp"

namespace graft::cli {
namespace {

bool is_given(const CLI::App& command, const std::string& flag) {
  const CLI::Option* option = command.get_option_no_throw(flag);
  return option != nullptr && option->count() > 0;
}

}  // namespace

void choose_network(const CLI::App& command, bool quiet, transfer::TrainOptions& options) {
  const bool open = !is_given(command, "--model") && !is_given(command, "--weights");
  // Without any weights here the default network stays: its name tells what to fetch.
  if (open && !classify::applications_here().empty()) options.model = "auto";
  if (options.model == "auto") return;
  const std::size_t plus = options.model.find('+');
  std::vector<std::string> names{options.model.substr(0, plus)};
  if (plus != std::string::npos) names.push_back(options.model.substr(plus + 1));
  for (const std::string& name : names) {
    const applications::Application& application = applications::find_application(name);
    if (options.weights == "none") continue;
    fetch_if_asked(is_given(command, "--download"), application,
                   {.include_top = false, .alpha = options.alpha}, options.weights, quiet);
  }
}

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/first_network.hpp"

#include "graft/applications.hpp"

namespace graft::cli {
namespace {

bool is_given(const CLI::App& command, const std::string& flag) {
  const CLI::Option* option = command.get_option_no_throw(flag);
  return option != nullptr && option->count() > 0;
}

}  // namespace

void choose_network(const CLI::App& command, transfer::TrainOptions& options) {
  if (!is_given(command, "--model") && !is_given(command, "--weights")) options.model = "auto";
  if (options.model == "auto") return;
  const std::size_t plus = options.model.find('+');
  static_cast<void>(applications::find_application(options.model.substr(0, plus)));
  if (plus != std::string::npos)
    static_cast<void>(applications::find_application(options.model.substr(plus + 1)));
}

}  // namespace graft::cli

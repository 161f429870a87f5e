// SPDX-License-Identifier: Apache-2.0
#include "cli/first_network.hpp"

#include <string>

#include "graft/pretrained.hpp"

namespace graft::cli {
namespace {

bool is_given(const CLI::App& command, const std::string& flag) {
  const CLI::Option* option = command.get_option_no_throw(flag);
  return option != nullptr && option->count() > 0;
}

}  // namespace

void choose_network(const CLI::App& command, transfer::TrainOptions& options) {
  if (is_given(command, "--model") || is_given(command, "--weights")) return;
  // Without any weights here the default network stays: its name tells what to fetch.
  if (!classify::applications_here().empty()) options.model = "auto";
}

}  // namespace graft::cli

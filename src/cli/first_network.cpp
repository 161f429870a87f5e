// SPDX-License-Identifier: Apache-2.0
#include "cli/first_network.hpp"

#include <iostream>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/pretrained.hpp"

#include "cli/fetch_weights.hpp"
#include "cli/help_formatter.hpp"
#include "cli/output.hpp"

namespace graft::cli {
namespace {

bool is_given(const CLI::App& command, const std::string& flag) {
  const CLI::Option* option = command.get_option_no_throw(flag);
  return option != nullptr && option->count() > 0;
}

}  // namespace

void choose_network(const CLI::App& command, bool quiet, transfer::TrainOptions& options) {
  const applications::Application* best = nullptr;
  if (!is_given(command, "--model") && !is_given(command, "--weights"))
    best = classify::best_application_here();
  if (best != nullptr) {
    options.model = best->name;
    const std::string accuracy =
        best->accuracy.top1 > 0 ? cat(", ", percent(best->accuracy.top1), " on ImageNet") : "";
    if (!quiet) {
      std::cerr << wrapped(cat("network: ", best->name, " (the most accurate whose weights are here",
                               accuracy, "); another one: --model NAME, see graft models"),
                           static_cast<std::size_t>(console_width()) - 1, 2)
                << '\n';
    }
  }
  const applications::Application& application = applications::find_application(options.model);
  if (options.weights == "none") return;
  fetch_if_asked(is_given(command, "--download"), application, {.include_top = false}, options.weights,
                 quiet);
}

}  // namespace graft::cli

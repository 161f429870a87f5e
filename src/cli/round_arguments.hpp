// SPDX-License-Identifier: Apache-2.0
// Options of graft train that continue from an earlier result.
#pragma once

#include <string>
#include <vector>

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

struct RoundArguments {
  std::string from;
  std::vector<std::string> rehearse;  ///< folders, and at most one number
};

/// --from.
void add_from_option(CLI::App& command, RoundArguments& round);
/// --rehearse.
void add_rehearse_option(CLI::App& command, RoundArguments& round);
/// --learning-rate.
void add_learning_rate_option(CLI::App& command, transfer::TrainOptions& options);

/// Completes options from the earlier run: what the command line leaves out is as it was there. Errors:
/// Error{invalid_argument} for options that contradict it, Error{not_found}.
void complete_round(const CLI::App& command, const RoundArguments& round, transfer::TrainOptions& options);

}  // namespace graft::cli

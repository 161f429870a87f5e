// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/transfer/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// What the command line says about going on from an earlier round.
struct RoundWords {
  std::string from;
  std::vector<std::string> rehearse;  ///< folders, and at most one number
};

/// --from, --rehearse and --learning-rate of `graft train`.
void add_round_options(CLI::App& command, RoundWords& words, transfer::TrainOptions& options);
/// Puts them into options: what the command line does not say is taken over from the earlier run. Throws
/// Error{invalid_argument} for what contradicts it, Error{not_found}.
void complete_round(const CLI::App& command, const RoundWords& words, transfer::TrainOptions& options);

/// What `graft train` prints about the earlier rounds: a table, or nothing.
[[nodiscard]] std::string rounds_text(const transfer::TrainResult& result);

}  // namespace graft::cli

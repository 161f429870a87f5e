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
/// The earlier round that --from names, with the photos of --rehearse; its other settings go into options
/// where the command line leaves them out. Errors: Error{invalid_argument} for options that contradict the
/// earlier run; Error{not_found}.
[[nodiscard]] transfer::RoundRecipe read_round(const CLI::App& command, const RoundArguments& round,
                                               transfer::TrainOptions& options);

}  // namespace graft::cli

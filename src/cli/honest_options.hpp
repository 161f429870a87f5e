// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/transfer/evaluation_options.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// --duplicates, --group-by, --folds and --seeds.
void add_honest_options(CLI::App& command, transfer::EvaluationOptions& options);

}  // namespace graft::cli

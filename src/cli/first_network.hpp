// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// Completes the network of a training before any photo is read. Where neither --model nor --weights is
/// given: the one with the best published accuracy whose weights are on this computer; a sentence on standard
/// error names it, unless quiet. Throws Error{not_found} for an unknown name.
void choose_network(const CLI::App& command, bool quiet, transfer::TrainOptions& options);

}  // namespace graft::cli

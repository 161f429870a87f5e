// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// Completes the network of a training before any photo is read: "auto" where neither --model nor --weights
/// is given. Throws Error{not_found} for an unknown name.
void choose_network(const CLI::App& command, transfer::TrainOptions& options);

}  // namespace graft::cli

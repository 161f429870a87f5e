// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// The network of a training: "auto" where neither --model nor --weights is given and weights of a network
/// are here.
void choose_network(const CLI::App& command, transfer::TrainOptions& options);

}  // namespace graft::cli

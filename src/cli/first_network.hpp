// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// Completes the network of a training before any photo is read: "auto" where neither --model nor --weights
/// is given and weights of a network are here. Downloads the weights of a named network where they are
/// missing and --download was given. Throws Error{not_found} for an unknown name; further as
/// download_weights().
void choose_network(const CLI::App& command, bool quiet, transfer::TrainOptions& options);

}  // namespace graft::cli

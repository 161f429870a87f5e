// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/transfer/classical_head.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// --head and what goes with it.
void add_head_options(CLI::App& command, transfer::ClassicalHead& head);

}  // namespace graft::cli

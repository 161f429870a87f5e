// SPDX-License-Identifier: Apache-2.0
// --precision of the commands that only run a model.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace graft::cli {

/// Adds --precision float32|mixed_bfloat16|int8, which decides for all plans lowered from then on.
void add_precision_option(CLI::App& command);

}  // namespace graft::cli

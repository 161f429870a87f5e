// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/pickle_value.hpp"

namespace graft::formats {

using NamedViews = std::vector<std::pair<std::string, const pickle::TensorView*>>;

/// The tensors of the state_dict within what a checkpoint holds, names without a prefix `module.` or
/// `_orig_mod.` that all share. Error{not_found} saying what the checkpoint holds instead; file is its name.
[[nodiscard]] NamedViews find_state_dict(const pickle::Value& checkpoint, const std::string& file);

}  // namespace graft::formats

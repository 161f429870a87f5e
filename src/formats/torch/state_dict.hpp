// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/pickle/value.hpp"

namespace graft::formats {

using NamedViews = std::vector<std::pair<std::string, const pickle::TensorView*>>;

struct StateDict {
  std::string place;  ///< the keys that lead to it: "model.state_dict"; empty: the file is it
  NamedViews tensors;
};

/// The state_dict in a checkpoint, at any depth: the dictionary with the most tensors, but
/// an averaged copy (ema, swa) only where there is nothing comparable. Names are without a prefix `module.`
/// or
/// `_orig_mod.` that all share. Error{not_found} saying what the checkpoint holds instead; file is its name.
[[nodiscard]] StateDict find_state_dict(const pickle::Value& checkpoint, const std::string& file);

}  // namespace graft::formats

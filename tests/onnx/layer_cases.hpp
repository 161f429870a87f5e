// SPDX-License-Identifier: Apache-2.0
// One small model a kind of layer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graft/model.hpp"

namespace graft::test {

struct LayerCase {
  std::string name;
  std::function<SymbolicTensor(const SymbolicTensor&)> build;  ///< on (N, 12, 11, 3), about -2..2
};

[[nodiscard]] std::vector<LayerCase> convolutions();
[[nodiscard]] std::vector<LayerCase> all_layers();
/// From pixels 0..255.
[[nodiscard]] Model model_of(const LayerCase& one);

}  // namespace graft::test

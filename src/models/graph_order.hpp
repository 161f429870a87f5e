// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/models/functional_model.hpp"

namespace graft {
inline namespace models {

/// The layers and calls between inputs and outputs.
struct GraphOrder {
  std::vector<Layer> layers;  ///< as Keras lists model.layers
  std::vector<Call> calls;    ///< in order of execution
};

/// Keras's order: depth counted from the outputs, deepest first, equals in the order a depth-first search
/// from the outputs meets them (the rule of keras/src/ops/function.py). Throws Error{invalid_argument} for
/// an output that does not come from the inputs and for two layers of one name.
[[nodiscard]] GraphOrder order_graph(const std::vector<SymbolicTensor>& inputs,
                                     const std::vector<SymbolicTensor>& outputs);

}  // namespace models
}  // namespace graft

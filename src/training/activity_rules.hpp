// SPDX-License-Identifier: Apache-2.0
// Penalties of activity_regularizers. As in Keras each sees a layer's whole output of one call, in training
// and in evaluate(), and its penalty is divided by the number of samples.
#pragma once

#include <vector>

#include "graft/plan/plan.hpp"

namespace graft::training {

/// Σ regularizer(output) / N over the activities of the plan's last forward(). Throws Error{unsupported}
/// naming the layer for a regularizer of a class that graft does not know.
[[nodiscard]] double activity_penalty(const std::vector<plan::Activity>& activities);
/// Its derivatives by each of them, for Plan::backward().
[[nodiscard]] std::vector<Tensor> activity_gradients(const std::vector<plan::Activity>& activities);

}  // namespace graft::training

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/tensor/variable.hpp"

namespace graft {

/// L2-SP (Li, Grandvalet and Davoine, "Explicit inductive bias for transfer learning", 2018): fine-tuning is
/// kept near the pretrained weights w0 rather than near zero. Adds to the loss, over weights that train,
///   alpha / 2 Σ (w - w0)²  for the given ones, w0 being their values at compile(), and
///   beta / 2 Σ w²          for all others (the new head).
struct L2SP {
  std::vector<VariablePtr> weights{};  ///< the pretrained: base_model.weights()
  double alpha = 0;                    ///< 0: none; the paper's choices are 1e-4 to 0.1
  double beta = 0;                     ///< the paper's is 0.01
};

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace inspect {

struct HeldOutRequest {
  Tensor features;              ///< float32 (N, D)
  std::span<const int> labels;  ///< N classes, 0 to classes - 1
  std::size_t classes = 0;
  std::vector<std::size_t> groups;  ///< N; photos of one group are in one fold
  std::uint64_t seed = 0;
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

/// Probabilities (N, classes) by logistic regressions, each solved without the photos of its fold; of five
/// strengths that with the least loss. Empty where there are too few photos. Error{interrupted}.
[[nodiscard]] Tensor held_out_probabilities(const HeldOutRequest& request);

}  // namespace inspect
}  // namespace graft

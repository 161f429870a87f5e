// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/transfer/logistic_head.hpp"

#include "transfer/base/base_model.hpp"

namespace graft {
inline namespace transfer {

/// Raw photo (N, H, W, 3) -> preprocessing -> base -> average over each depth's pixels -> head.
struct ClassifierGraph {
  Model model;
  Layer pooling;  ///< of the base's output
  Layer head;     ///< Dense with softmax or sigmoid, over all depths side by side
  void set_head(const LinearHead& solved);
};

/// depths: tensors of the base, its output first. Where it is the only one, the base is part of the model as
/// it is; else as a model of the same layers with several outputs. activation: of the head.
[[nodiscard]] ClassifierGraph build_classifier(const BaseModel& base, Size2D size, std::size_t classes,
                                               const std::vector<SymbolicTensor>& depths,
                                               const std::string& activation = "softmax");

/// Tensors of one base.
struct BaseDepths {
  const BaseModel& base;
  std::vector<SymbolicTensor> depths;
};
/// The same with one head over the depths of two bases side by side, the first base's first.
[[nodiscard]] ClassifierGraph build_classifier_of_two(const BaseDepths& first, const BaseDepths& second,
                                                      Size2D size, std::size_t classes);

/// Raw photo -> average over each depth's pixels, one output a depth; and, where given, a tensor of the base
/// as it is.
[[nodiscard]] Model build_features(const BaseModel& base, Size2D size,
                                   const std::vector<SymbolicTensor>& depths,
                                   const std::optional<SymbolicTensor>& as_it_is);

}  // namespace transfer
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/class_weights.hpp"

#include <algorithm>

namespace graft::transfer {

std::vector<double> class_weights_of(std::span<const int> labels, std::size_t classes, ClassWeight weight) {
  std::vector<double> weights(classes, 1.0);
  if (weight == ClassWeight::none) return weights;
  std::vector<std::size_t> counts(classes, 0);
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  for (std::size_t k = 0; k < classes; ++k)
    weights[k] = static_cast<double>(labels.size()) /
                 static_cast<double>(classes * std::max<std::size_t>(counts[k], 1));
  return weights;
}

std::vector<double> class_weights_or_none(std::span<const int> labels, std::size_t classes,
                                          ClassWeight weight) {
  return weight == ClassWeight::none ? std::vector<double>{} : class_weights_of(labels, classes, weight);
}

std::map<int, double> fit_class_weights(std::span<const int> labels, std::size_t classes,
                                        ClassWeight weight) {
  return by_class(class_weights_or_none(labels, classes, weight));
}

std::map<int, double> by_class(std::span<const double> weights) {
  std::map<int, double> all;
  for (std::size_t k = 0; k < weights.size(); ++k) all[static_cast<int>(k)] = weights[k];
  return all;
}

}  // namespace graft::transfer

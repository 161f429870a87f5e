// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::classify {

/// Expected calibration error (Naeini et al. 2015, as Guo et al. 2017 use it): photos in bins of equal width
/// by the probability of their predicted class; the mean over photos of |accuracy - mean probability| of
/// their bin.
///   probabilities  float32 (N, classes)
///   labels         the class of each row
[[nodiscard]] double expected_calibration_error(const Tensor& probabilities, const std::vector<int>& labels,
                                                std::size_t bins = 15);

/// Of logits float32 (N, classes) the temperature T > 0 for which softmax(logits / T) has the least
/// cross-entropy on the labels (Guo et al., "On calibration of modern neural networks", 2017), within 1/20
/// to 20.
[[nodiscard]] double fit_temperature(const Tensor& logits, const std::vector<int>& labels);

struct Calibration {
  double temperature = 1;
  double ece_before = 0, ece_after = 0;    ///< on the photos that it was found with
  double loss_before = 0, loss_after = 0;  ///< cross-entropy on them
  std::size_t photos = 0;
};

/// Finds the temperature of a classifier on photos that it was not trained on, and divides the last Dense
/// layer's weights by it: probabilities change, predicted classes do not. output: as in the
/// classifier's metadata ("softmax", "logits", "sigmoid", "binary_logit"). Throws Error{unsupported} for a
/// model that does not end in a Dense layer (with or without an activation after it), Error{invalid_argument}
/// without photos.
Calibration calibrate(Model& model, const data::Dataset& photos, const std::string& output);

}  // namespace graft::classify

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
// What a frozen network makes of photos, computed once.
#pragma once

#include <string>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/models/model.hpp"

namespace graft::transfer {

class Reporter;

struct FeatureRequest {
  Model model;            ///< raw photos (N, H, W, C) -> features, any number of outputs
  std::string stage;      ///< what the progress calls it
  bool mirrored = false;  ///< photos flipped left to right too
};

/// Each output of the model for every sample in the data set's own order, (n, ...), or (2 n, ...) with the
/// mirrored photos behind the plain ones. Each photo is read once. Empty when the reporter asked to stop.
[[nodiscard]] std::vector<Tensor> compute_features(const FeatureRequest& request,
                                                   const data::Dataset& dataset, Reporter& reporter);

/// Rows of both, one after the other.
[[nodiscard]] Tensor stack(const Tensor& a, const Tensor& b);

}  // namespace graft::transfer

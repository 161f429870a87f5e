// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/catalogue.hpp"
#include "graft/base/size2d.hpp"
#include "graft/models/model.hpp"
#include "graft/transfer/train.hpp"

namespace graft::transfer {

/// The application without its top and with pretrained weights, frozen.
struct BaseModel {
  const applications::Application* application = nullptr;
  Model model;
  applications::Preprocessing preprocessing = applications::Preprocessing::none;  ///< as its weights want it
  std::string loaded;  ///< what became of the weights, in words
};

[[nodiscard]] BaseModel make_base(const TrainOptions& options, Size2D image_size);

/// A tensor inside the base that everything after it depends on alone: where fine-tuning begins.
struct Frontier {
  SymbolicTensor tensor;
  std::string first_layer;      ///< the first layer after it that has weights
  std::size_t layer_index = 0;  ///< of that layer in the base
};
/// The latest such tensor that leaves at least this share of the base's weights behind it.
[[nodiscard]] Frontier find_frontier(const Model& base, double trained_share);

}  // namespace graft::transfer

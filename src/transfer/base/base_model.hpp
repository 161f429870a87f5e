// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/model.hpp"
#include "graft/tensor.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// The application without its top and with pretrained weights, frozen.
struct BaseModel {
  const applications::Application* application = nullptr;
  Model model;
  applications::PixelScaling preprocessing;  ///< as its weights need it
  std::string loaded;                        ///< a summary of the loaded weights
  std::string weights_file;                  ///< their path; empty: random ones
};

/// A file of weights as settings.json states it; nothing for an empty path. Reads the whole file.
[[nodiscard]] std::optional<StartingWeights> starting_weights(const std::string& path);

/// The options of a base: they decide which published file has its weights.
[[nodiscard]] applications::ApplicationOptions base_options(const TrainOptions& options, Size2D image_size);

/// The network that options.model names; of two, the first.
[[nodiscard]] BaseModel make_base(const TrainOptions& options, Size2D image_size);
/// The same network with random weights: its layers and their names, without a file.
[[nodiscard]] Model untrained_base(const TrainOptions& options, Size2D image_size);

/// A tensor inside the base on which everything after it depends, and on nothing else.
struct Cut {
  SymbolicTensor tensor;
  std::size_t call = 0;    ///< its place among the base's calls
  double share_after = 0;  ///< share of the base's weights after it
};
/// All cuts, first to last; the base's output, with no weights after it, is the last.
[[nodiscard]] std::vector<Cut> cuts_of(const Model& base);

/// A cut at which fine-tuning begins.
struct Frontier {
  SymbolicTensor tensor;
  std::string first_layer;      ///< the first layer after it that has weights
  std::size_t layer_index = 0;  ///< of that layer in the base
};
/// The latest cut that leaves at least this share of the base's weights after it; else the input.
[[nodiscard]] Frontier find_frontier(const Model& base, double trained_share);

/// Where a head may look: the base's output first, then, where the base has such cuts, one with a third to a
/// half of the weights after it and one with two thirds to five sixths; of several the one with the fewest
/// channels. What ImageNet's classes do not need may still be there, and gone at the end.
[[nodiscard]] std::vector<SymbolicTensor> head_depths(const Model& base);

}  // namespace transfer
}  // namespace graft

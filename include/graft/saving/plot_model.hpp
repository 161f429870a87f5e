// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::saving {

/// Arguments of keras.utils.plot_model, with Keras's defaults.
struct PlotOptions {
  bool show_shapes = false;
  bool show_layer_names = false;
  bool expand_nested = false;  ///< nested models as boxes around their layers
  std::string rankdir = "TB";  ///< TB: from top to bottom; LR: from left to right
  bool show_layer_activations = false;
  bool show_trainable = false;
  int dpi = 200;  ///< of .png
};

/// The model's graph in Graphviz's language: a node for each layer, an edge for each tensor. Errors:
/// Error{invalid_argument} for another rankdir than TB, LR, BT or RL.
[[nodiscard]] std::string model_to_dot(const Model& model, const PlotOptions& options = {});

/// Draws the graph into a file, whole or not at all. For a name that ends in .dot it writes the text; for
/// .svg, .png or .pdf the picture, for which Graphviz's program `dot` must be on the PATH. Errors: as
/// model_to_dot; Error{invalid_argument} for another ending; Error{unsupported} where `dot` is not found,
/// with what to install; Error{io}.
void plot_model(const Model& model, const std::filesystem::path& to_file, const PlotOptions& options = {});

}  // namespace graft::saving

#pragma GCC visibility pop

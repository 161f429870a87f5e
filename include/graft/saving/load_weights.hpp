// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/models/model.hpp"

namespace graft::saving {

struct LoadOptions {
  /// Match layers by their names; those that only one side has are left as they are.
  bool by_name = false;
  /// Leave weights of another shape than the file's as they are, and report them.
  bool skip_mismatch = false;
};

/// What became of every weight. Paths are the model's ("block1_conv1/kernel"); of `unused` the file's.
struct LoadReport {
  std::vector<std::string> matched;         ///< loaded
  std::vector<std::string> shape_mismatch;  ///< in both, of different shapes; left as it was
  std::vector<std::string> missing;         ///< in the model, not in the file; left as it was
  std::vector<std::string> unused;          ///< in the file, not in the model
  /// Where in a PyTorch checkpoint they lay, keys and what all names begin with: "model.state_dict",
  /// "state_dict, under backbone."; empty: the file itself was the state_dict.
  std::string place;
  /// One or a few lines for people: "260 weights loaded from state_dict; 2 of the file not used:
  /// predictions/kernel, ...".
  [[nodiscard]] std::string summary() const;
};

/// Loads weights into a model from Keras's published or Keras 2's `.h5`, Keras 3's `.weights.h5`, `.keras`
/// and whole-model `.h5` files, `.safetensors`, `.npz`, or what torch.save wrote; recognised by content. No
/// more memory is taken than the model's weights need, and weights without a value yet take the file's
/// without a copy.
///
/// Lists of tensors (`.safetensors`, `.npz`, PyTorch) go by their names: our own, as save_weights writes
/// them, or those of a PyTorch definition of the same network, whose axes are put in Keras's order. Files of
/// Keras: without by_name, layers that have weights are paired by the first rule that fits:
/// 1. by name, when the model and the file name the same layers;
/// 2. as Keras does: in order, when both have equally many (legacy `.h5`); by group, when both have the same
///    groups, named by class and position as layers/conv2d_1 (`.weights.h5`, `.keras`);
/// 3. by name, when one side's layers are all found in the other: a file with its top and a model without,
/// say.
///    The rest is reported as missing or unused, where Keras gives up.
/// Otherwise it is an Error that shows where the two lists part. In a legacy file a nested model is one layer
/// with all its weights in a row; those are told apart by the layers in their paths, or in Keras's order.
///
/// Nothing in the model changes unless the whole load succeeds. Errors: Error{not_found} no such file, or not
/// one weight matched; Error{bad_file}; Error{shape_mismatch} without skip_mismatch, naming both weights and
/// shapes, or when the layers cannot be paired.
LoadReport load_weights(Model& model, const std::filesystem::path& path, const LoadOptions& options = {});

}  // namespace graft::saving

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::saving {

struct LoadOptions {
  /// Match layers by name; layers that only one side has stay unchanged.
  bool by_name = false;
  /// Keep weights whose shape differs from the file's unchanged, and report them.
  bool skip_mismatch = false;
};

/// The outcome for every weight. Paths are the model's ("block1_conv1/kernel"); of `unused` the file's.
struct LoadReport {
  std::vector<std::string> matched;         ///< loaded
  std::vector<std::string> shape_mismatch;  ///< in both, with different shapes; unchanged
  std::vector<std::string> missing;         ///< in the model, not in the file; unchanged
  std::vector<std::string> unused;          ///< in the file, not in the model
  /// Where they were found in a PyTorch checkpoint, keys and the common prefix of all names:
  /// "model.state_dict", "state_dict, under backbone."; empty: the file itself was the state_dict.
  std::string place;
  /// One or a few lines for people: "260 weights loaded from state_dict; 2 of the file not used:
  /// predictions/kernel, ...".
  [[nodiscard]] std::string summary() const;
};

/// Loads weights into a model from Keras's published or Keras 2's `.h5`, Keras 3's `.weights.h5`, `.keras`
/// and whole-model `.h5` files, `.safetensors`, `.npz`, or what torch.save wrote; recognised by content.
/// Needs no more memory than the model's weights; a weight without a value yet adopts the file's without a
/// copy.
///
/// Lists of tensors (`.safetensors`, `.npz`, PyTorch) are matched by name: graft's, as save_weights writes
/// them, or those of a PyTorch definition of the same network, whose axes are reordered to Keras's. Files of
/// Keras: without by_name, layers that have weights are paired by the first rule that fits:
/// 1. by name, when the model and the file name the same layers;
/// 2. as Keras does: in order, when both have the same number (legacy `.h5`), or by group, when both have
///    the same groups, named by class and position as layers/conv2d_1 (`.weights.h5`, `.keras`);
/// 3. by name, when one side's layers are all in the other, for example a file with its top and a model
///    without. The others are reported as missing or unused, where Keras raises an error.
///
/// Otherwise an Error shows where the two lists differ. In a legacy file a nested model is one layer with all
/// its weights in sequence; they are assigned by the layers in their paths, or in Keras's order.
///
/// Nothing in the model changes unless the whole load succeeds. Errors: Error{not_found} no such file, or not
/// one weight matched; Error{bad_file}; Error{shape_mismatch} without skip_mismatch, naming both weights and
/// shapes, or when the layers cannot be paired.
LoadReport load_weights(Model& model, const std::filesystem::path& path, const LoadOptions& options = {});

}  // namespace graft::saving

#pragma GCC visibility pop

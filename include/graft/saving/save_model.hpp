// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::saving {

struct SaveOptions {
  /// Further entries of the zip, name to bytes: {"graft.json", "..."}. Keras ignores them.
  std::map<std::string, std::string> extra = {};
  /// The arguments of compile(), as Keras serialises them (optimizer, loss, metrics), instead of the model's
  /// own; null: the model's, with the optimizer's state.
  JsonValue compile_config;
  /// The optimizer's variables in Keras's order, stored with compile_config.
  std::vector<Tensor> optimizer = {};
};

/// Writes a model that keras.models.load_model opens, config and weights: a Keras 3 `.keras` file, or for a
/// name that ends in .h5 Keras's older whole-model file. The file appears whole or not at all; the same model
/// gives the same bytes. Errors: Error{invalid_argument} for a name that ends otherwise, or an extra entry
/// whose name is unsafe or taken, or that is too large for an .h5 file; Error{io}.
void save_model(const Model& model, const std::filesystem::path& path, const SaveOptions& options = {});

struct LoadedModel {
  Model model;
  /// As stored; null when the model was saved without.
  JsonValue compile_config;
  /// The optimizer's variables in Keras's order (iteration, learning rate, then its own); empty when the file
  /// has none.
  std::vector<Tensor> optimizer = {};
  std::map<std::string, std::string> extra;
  /// Number of optimizer parameters in the file; 0 without an optimizer and for an .h5.
  std::int64_t optimizer_params = 0;
};

/// Reads a `.keras` file of graft or Keras 3, or a whole-model `.h5` of Keras 2 or 3 (recognised by content).
/// Every weight of the model must be in the file. Errors: Error{not_found} no such file; Error{bad_file} not
/// such a file, broken, or without a weight that the model needs; Error{unsupported} a layer or an option
/// that graft does not support, by name; Error{shape_mismatch} a weight of another shape than its layer's.
[[nodiscard]] LoadedModel load_model(const std::filesystem::path& path);

/// A model whose structure is in a .json file (Keras's to_json()) and whose weights are in another file, in
/// any format that load_weights() reads. weights: empty: the layers keep their initial weights. Every weight
/// of the model must be in the file. Errors: as load_model() and load_weights(); Error{not_found} naming a
/// weight that the file does not have.
[[nodiscard]] LoadedModel load_model(const std::filesystem::path& json, const std::filesystem::path& weights);

}  // namespace graft::saving

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::models {

/// Selects the layers to freeze; at least one field must be set. With several fields, a layer is frozen that
/// any of them selects. Layers are those of model.layers(), in Keras's order.
struct FreezeOptions {
  /// Layers with a matching name: patterns separated by |, with * for any characters and ? for one
  /// ("block1_*|block2_*"), or after "re:" a regular expression (ECMAScript) that the whole name must match.
  std::string names{};
  /// All layers before this one, which is the first to train: its index from 0, as in Keras's `for layer in
  /// model.layers[:fine_tune_at]: layer.trainable = False`, or its name.
  std::string from{};
  /// All layers before the first one of this block, whose layers' names begin with it: "block5",
  /// "conv5_block3".
  std::string block{};
  /// All but the last N layers that have weights.
  std::optional<std::int64_t> last_n{};
};

/// The result of freeze().
struct FreezeReport {
  std::vector<std::string> frozen;  ///< names of the frozen layers with weights
  std::string first_trainable;      ///< name of the first layer that trains; empty: none
  std::int64_t trainable_params = 0, total_params = 0;
};

/// Makes all layers of the model trainable, then freezes the selected ones. After an error nothing has
/// changed: Error{not_found} for a name or block that no layer has, with similar names;
/// Error{invalid_argument} for an index out of range, an invalid pattern, or no selection.
FreezeReport freeze(Model model, const FreezeOptions& options);

/// The index of the layer that `from` names: an index or a name.
[[nodiscard]] std::size_t layer_index(const Model& model, const std::string& from);

}  // namespace graft::models

#pragma GCC visibility pop

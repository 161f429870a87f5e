// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/models/model.hpp"

namespace graft::models {

/// Which layers are frozen; at least one of these. Several together freeze what any of them freezes. Layers
/// are those of model.layers(), in Keras's order.
struct FreezeOptions {
  /// Those with such a name: alternatives with | between them, each with * for any letters and ? for any one
  /// ("block1_*|block2_*"), or after "re:" a regular expression (ECMAScript) that the whole name must match.
  std::string names{};
  /// All before this one, which is the first to train: its index from 0, as in Keras's `for layer in
  /// model.layers[:fine_tune_at]: layer.trainable = False`, or its name.
  std::string from{};
  /// All before the first layer of this block, the layers whose names begin with it: "block5",
  /// "conv5_block3".
  std::string block{};
  /// All but the last so many that have weights.
  std::optional<std::int64_t> last_n{};
};

/// What came of it.
struct FreezeReport {
  std::vector<std::string> frozen;  ///< names of the layers with weights that do not train now
  std::string first_trainable;      ///< name of the first that does; empty: none
  std::int64_t trainable_params = 0, total_params = 0;
};

/// Makes all of the model's layers trainable, then freezes those chosen. Errors, with nothing changed:
/// Error{not_found} for a name or block that no layer has, saying which are alike; Error{invalid_argument}
/// for an index outside, a pattern that is none, or no choice at all.
FreezeReport freeze(Model model, const FreezeOptions& options);

/// The index of the layer that `from` names: an index or a name.
[[nodiscard]] std::size_t layer_index(const Model& model, const std::string& from);

}  // namespace graft::models

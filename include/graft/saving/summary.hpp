// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "graft/base/json_fwd.hpp"
#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::saving {

struct SummaryOptions {
  /// Columns of the table; 0: Keras's own, 88, or 108 with "Connected to", and 12 more with show_trainable,
  /// but at most console_width - 4. At least 40.
  int line_length = 0;
  /// Columns of the terminal: longer lines of the table are cut here, as in Keras; 0: not cut.
  int console_width = 0;
  /// The layers of nested models too, indented below them.
  bool expand_nested = false;
  /// A column Trainable with Y or N.
  bool show_trainable = false;
  /// Number of optimizer parameters; added to the total and shown in a line, as Keras does after compile().
  std::int64_t optimizer_params = 0;
};

/// Keras 3's model.summary() as text (UTF-8, ending in a newline): a table of the layers and the totals.
/// A model with branches has a column "Connected to". Errors: Error{invalid_argument} for a line_length
/// below 40.
[[nodiscard]] std::string summary(const Model& model, const SummaryOptions& options = {});

/// {name, total_params, trainable_params, non_trainable_params, layers: [{name, class, output_shape, params,
/// trainable, connected_to}]}; the batch axis of output_shape is null, connected_to lists layer names.
[[nodiscard]] Json summary_json(const Model& model);

}  // namespace graft::saving

#pragma GCC visibility pop

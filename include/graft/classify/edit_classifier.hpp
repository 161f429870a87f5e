// SPDX-License-Identifier: Apache-2.0
// Model surgery (graft/models/surgery.hpp) on a classifier, whose class names and image size must follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/models/surgery.hpp"

#pragma GCC visibility push(default)

namespace graft::classify {

struct ClassesOptions {
  /// One a class, in the order of the outputs; a name that the classifier had before keeps what it learnt.
  std::vector<std::string> names;
  std::optional<std::vector<std::int64_t>> hidden;  ///< see models::HeadOptions
  double dropout = 0;
};

/// Gives a classifier these classes. metadata (see kMetadataEntry; null: none, classes are called "0", "1",
/// ...) becomes that of the new one: class_names, and what the output means. Errors: Error{invalid_argument}
/// for fewer than two names, an empty one or one given twice; as models::replace_head; Error{bad_file} for
/// metadata that does not fit the model.
[[nodiscard]] models::Edited give_classes(const Model& model, Json& metadata, const ClassesOptions& options);

/// Brings the metadata in line with a model after an edit other than that of its classes: image_size is the
/// input's; class_names and output go where they no longer fit the model's output.
/// keeps_classes: false where the output means something else now (a model cut off, a base taken out).
void fit_metadata(Json& metadata, const Model& model, bool keeps_classes = true);

}  // namespace graft::classify

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
// Model surgery (graft/models/surgery.hpp) on a classifier, whose class names and image size must follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/applications/preprocess.hpp"
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

/// Names the classes of a model without changing its weights.
///   names     one a class, in the order of the outputs; of a model with one output two
///   metadata  see kMetadataEntry; null: none. Receives class_names
/// Returns the model and a report of the names. Errors: Error{invalid_argument} for another number of names
/// than classes, an empty name or one given twice.
[[nodiscard]] models::Edited name_classes(const Model& model, Json& metadata,
                                          const std::vector<std::string>& names);

/// Puts a scaling of pixels behind the input of a model that expects scaled ones, so that it accepts raw RGB
/// from 0 to 255 like the models that graft trains. metadata: receives "preprocessing". Errors:
/// Error{invalid_argument} for a model without one input (N, H, W, C), with C other than 3 for caffe and
/// torch, and for one whose metadata says that it scales its pixels itself.
[[nodiscard]] models::Edited scale_pixels(const Model& model, Json& metadata,
                                          applications::Preprocessing pixels);

/// Whether a layer between a model's input and its first weights changes the range of the pixels: Rescaling,
/// Normalization, arithmetic with constants, or a normalisation with the weights of its own.
[[nodiscard]] bool scales_its_pixels(const Model& model);

/// Brings the metadata in line with a model after an edit other than that of its classes: image_size is the
/// input's; class_names and output go where they no longer fit the model's output.
/// keeps_classes: false where the output means something else now (a model cut off, a base taken out).
void fit_metadata(Json& metadata, const Model& model, bool keeps_classes = true);

}  // namespace graft::classify

#pragma GCC visibility pop

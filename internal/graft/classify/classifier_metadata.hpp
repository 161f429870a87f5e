// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/image.hpp"
#include "graft/model.hpp"

namespace graft {
inline namespace classify {

/// What a model's output is: see kMetadataEntry.
enum class OutputKind { softmax, logits, sigmoid, binary_logit, numbers };

/// From the metadata, else from the model's last activation. Throws Error{bad_file} for an unknown
/// word, Error{unsupported} when the model's output is not (N, classes).
[[nodiscard]] OutputKind output_kind(const Model& model, const Json& metadata);
/// A model's output (N, K), or (N, 1) for two classes, as probabilities (N, classes).
[[nodiscard]] Tensor to_probabilities(OutputKind kind, const Tensor& output, std::size_t classes);
/// The metadata's, else "0", "1", ... Throws Error{bad_file} when their number is not the
/// model's number of classes.
[[nodiscard]] std::vector<std::string> class_names(const Model& model, const Json& metadata);

/// Thresholds of a model that gives several labels: the metadata's, else 0.5; empty: it gives one. Throws
/// Error{bad_file} where they are no probabilities, one a class, or the output is no sigmoid.
[[nodiscard]] std::vector<double> label_thresholds(const Json& metadata, OutputKind kind,
                                                   std::size_t classes);

/// Whether a model's output is numbers, not classes.
[[nodiscard]] bool gives_numbers(const Json& metadata);
/// NumberIntervals in the metadata; without half widths where there are none. Throws Error{bad_file}.
[[nodiscard]] NumberIntervals number_intervals(const Json& metadata, std::size_t numbers);

/// Throws Error{unsupported} for a model that gives several labels, or numbers. what: who needs one class.
void refuse_other_than_one_class(const Json& metadata, const std::string& what);

/// Class names from a file beside the model, where the metadata has none: labels.txt or metadata.json, as
/// Teachable Machine writes them, or the config.json of timm and transformers. They are added to the
/// metadata. notes: receives a sentence that names the file, or says why it is not used.
void add_names_beside(Json& metadata, const Model& model, const std::filesystem::path& file,
                      std::vector<std::string>& notes);

/// "center", "squash" or "border": crop_mode in the metadata.
[[nodiscard]] std::string crop_mode_name(data::CropMode mode);

/// Whether a config.json beside weights with this number of classes names them, and not as ImageNet's.
[[nodiscard]] bool names_other_than_imagenet(const std::filesystem::path& weights, std::size_t classes);

/// Adds how photos are resized to the metadata (null: none yet): interpolation, antialias and the crop.
void add_resize(Json& metadata, const data::ResizeOptions& resize);

/// Brings the metadata in line with a model after an edit other than that of its classes: image_size is the
/// input's; class_names and output are removed where they no longer fit the model's output.
/// keeps_classes: false where the output means something else now (a model cut off, a base taken out).
void update_metadata(Json& metadata, const Model& model, bool keeps_classes = true);

/// Whether a layer between a model's input and its first weights changes the range of the pixels: Rescaling,
/// Normalization, arithmetic with constants, or a normalisation with its own weights.
[[nodiscard]] bool scales_its_pixels(const Model& model);

/// Name of the first layer before a model's first weights that scales pixels: Rescaling, Normalization, or
/// arithmetic with a constant. Empty: there is none.
[[nodiscard]] std::string scaling_layer(const Model& model);

/// Whether a BatchNormalization of the model that is trainable is called with training=True.
[[nodiscard]] bool calls_in_training_mode(const Model& model);

}  // namespace classify
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/base/execution.hpp"
#include "graft/base/json_fwd.hpp"
#include "graft/base/size2d.hpp"
#include "graft/data/dataset.hpp"
#include "graft/data/photo_set.hpp"
#include "graft/models/model.hpp"

namespace graft {

/// One class that a picture may show.
struct Prediction {
  std::string class_id;    ///< ImageNet: the WordNet id, "n02107142"; otherwise the name
  std::string name;        ///< "Doberman"; of one's own classes the folder's name
  double probability = 0;  ///< 0..1
  std::int64_t index = 0;  ///< position among the classes
};

struct ClassifyOptions {
  int top = 5;  ///< how many classes to give, at least 1; never more than there are
};

/// The zip entry of a model.keras that holds what Keras's config has no place for, as a JSON object:
///   graft_version  "0.1.0"
///   architecture   "mobilenet_v2"
///   class_names    one a class, in the order of the outputs
///   image_size     [height, width]
///   interpolation  how photos are resized: "bilinear"
///   exif           "apply" or "ignore"
///   jpeg_scale     "exact", or "reduced": see data::JpegScale
///   output         how the output becomes probabilities: "softmax" (it is them), "logits" (softmax of it),
///                  "sigmoid" and "binary_logit" (of one output: the probability of class 1, or its logit)
///   preprocessing  "in model": the model takes raw RGB 0..255
///   int8           what plans of 8 bits need to know (transfer::quantize)
/// All but class_names may be missing: then the model says it, or the value shown.
inline constexpr const char* kMetadataEntry = "graft.json";

/// That entry among the entries of a model file beside Keras's own (saving::LoadedModel::extra); null when it
/// is not there. Throws Error{bad_file} naming the file when it is no JSON object.
[[nodiscard]] Json classifier_metadata(const std::map<std::string, std::string>& extra,
                                       const std::filesystem::path& file);

/// How photos become a model's input: its image size and colours, and what the metadata says (null: none).
/// Pixels are not rounded after resizing, so that Keras's own pipeline gives the same answer. Errors:
/// Error{unsupported} when the model does not take one picture; Error{bad_file} for broken metadata.
[[nodiscard]] data::LoadPhotosOptions photo_options(const Model& model, const Json& metadata);

/// A trained model together with its class names and the way photos reach it: from a picture to names.
/// A light handle: copies are the same classifier. Threads: safe to share; calls wait for each other (one
/// mutex) as long as a plan runs one call at a time. Do not train the model meanwhile.
class Classifier {
 public:
  /// A model.keras (or any Keras model file that takes one picture), or the folder that holds it. Without
  /// graft's metadata classes are named by their index, and the last activation says what the output means.
  /// Errors: as saving::load_model; Error{bad_file} for metadata that does not fit the model.
  [[nodiscard]] static Classifier open(const std::filesystem::path& path, const Execution& execution = {});
  /// A network that tells ImageNet's 1000 classes apart, its preprocessing put in front.
  ///   application  a name of applications::catalogue()
  ///   weights      as transfer::load_pretrained takes them; the classifier must be among them
  /// Errors: as load_pretrained; Error{not_found} when the file lacks weights of the network.
  [[nodiscard]] static Classifier imagenet(const std::string& application,
                                           const std::string& weights = "imagenet",
                                           const Execution& execution = {});
  /// metadata: see kMetadataEntry; null: none.
  /// execution: what it computes with from now on, whatever the caller does later.
  Classifier(Model model, const Json& metadata, const Execution& execution = {});

  [[nodiscard]] const std::vector<std::string>& class_names() const;
  /// WordNet ids for ImageNet's classes, the names for others.
  [[nodiscard]] const std::vector<std::string>& class_ids() const;
  [[nodiscard]] Size2D image_size() const;
  [[nodiscard]] const Model& model() const;
  [[nodiscard]] const Json& metadata() const;
  /// For data::load_photos, so that a Dataset's pixels are those the model was trained on.
  [[nodiscard]] const data::LoadPhotosOptions& load_options() const;

  /// The most probable classes of a picture, most probable first, equal ones by index: from a file, from the
  /// bytes of a file, or from pixels uint8 (H, W, C) of any size. Errors: as data::read_image;
  /// Error{shape_mismatch} for pixels of another kind; Error{invalid_argument} for top below 1.
  [[nodiscard]] std::vector<Prediction> predict(const std::filesystem::path& path,
                                                const ClassifyOptions& options = {}) const;
  [[nodiscard]] std::vector<Prediction> predict(std::span<const std::byte> bytes,
                                                const ClassifyOptions& options = {}) const;
  [[nodiscard]] std::vector<Prediction> predict(const Tensor& pixels,
                                                const ClassifyOptions& options = {}) const;

  /// Probabilities (N, classes) of a batch (N, H, W, C), raw 0..255, float32 or uint8, already of
  /// image_size().
  [[nodiscard]] Tensor probabilities(const Tensor& batch) const;
  /// The same for every sample of a data set, in its own order whatever the order of the epoch.
  [[nodiscard]] Tensor probabilities(const data::Dataset& dataset) const;
  /// The best classes of one row of probabilities.
  [[nodiscard]] std::vector<Prediction> best(std::span<const float> row,
                                             const ClassifyOptions& options = {}) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace graft

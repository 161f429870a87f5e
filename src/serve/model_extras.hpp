// SPDX-License-Identifier: Apache-2.0
// What a served model can do beside classifying: features and explanations.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/explain.hpp"

namespace graft::serve {

/// Features of a photo, computed from its bytes.
struct PhotoFeatures {
  Tensor rows;  ///< float32 (1, D)
};

/// A photo with the heat map of an answer over it.
struct ExplainedPhoto {
  Explanation explanation;
  std::string webp;  ///< the picture, its longer side at most 640 pixels
};

/// Plans are made at the first use and kept. Threads: one call at a time.
class ModelExtras {
 public:
  explicit ModelExtras(Classifier classifier);
  ~ModelExtras();
  ModelExtras(const ModelExtras&) = delete;
  ModelExtras& operator=(const ModelExtras&) = delete;

  /// Errors: as data::decode_image.
  [[nodiscard]] std::vector<PhotoFeatures> features(const std::vector<PhotoBytes>& photos,
                                                    std::int64_t max_pixels);
  /// class_name: the class to explain; empty: the most probable one. Errors: as data::decode_image;
  /// Error{not_found} for an unknown class.
  [[nodiscard]] ExplainedPhoto explain(PhotoBytes photo, const std::string& class_name,
                                       std::int64_t max_pixels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graft::serve

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/execution.hpp"
#include "graft/photos.hpp"
#include "graft/plan/runner.hpp"
#include "graft/tensor.hpp"

namespace graft {
inline namespace inspect {

/// A network up to its pooled features.
class FeatureNetwork {
 public:
  /// Of a name of applications::catalogue() with its weights, or of a model file: weights are then those
  /// of a .json, and imagenet and none nothing.
  /// Errors: as classify::load_pretrained and Classifier::open.
  static FeatureNetwork open(const std::string& model, const std::string& weights,
                             const Execution& execution);
  /// Of a classifier's model.
  static FeatureNetwork of(const Classifier& classifier, const Execution& execution);

  /// "mobilenet_v2 224 x 224", or the model file.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Those of the classifier: that it has no weights, for one.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// How photos become its input.
  [[nodiscard]] const data::LoadPhotosOptions& load_options() const { return load_; }
  /// Features (N, D) of photos (N, H, W, C), 0 to 255.
  [[nodiscard]] Tensor features(const Tensor& photos);

 private:
  FeatureNetwork(std::string name, Model model, data::LoadPhotosOptions load, const Execution& execution,
                 std::vector<std::string> notes = {});

  std::string name_;
  std::vector<std::string> notes_;
  data::LoadPhotosOptions load_;
  plan::Runner runner_;
};

}  // namespace inspect
}  // namespace graft

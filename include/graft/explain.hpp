// SPDX-License-Identifier: Apache-2.0
// Which parts of a photo a classifier's answer rests on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graft/classifier.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace inspect {

/// How an answer is explained.
enum class ExplainMethod {
  automatic,  ///< grad_cam where the class's score has a gradient, else occlusion
  /// Grad-CAM (Selvaraju et al. 2017): with A_k channel k of the feature map and S the class's score,
  /// relu(sum_k w_k A_k), w_k the mean over all positions of dS/dA_k.
  grad_cam,
  /// Grad-CAM++ (Chattopadhay et al. 2018, formulas 10 and 18 for Y = exp(S)): the same with
  /// w_k = sum_ij a_kij relu(g_kij), g = dS/dA, a_kij = g_kij^2 / (2 g_kij^2 + g_kij^3 sum_ab A_kab).
  grad_cam_plus_plus,
  /// Occlusion (Zeiler and Fergus 2014): by how much the class's probability, or the number, falls when a
  /// square of the photo is covered with the photo's mean colour. Of each pixel the mean over the squares
  /// that cover it.
  occlusion,
};
/// "auto", "grad-cam", "grad-cam++", "occlusion".
[[nodiscard]] std::string_view to_string(ExplainMethod method);
/// Throws Error{invalid_argument} listing the names.
[[nodiscard]] ExplainMethod explain_method_from_name(std::string_view name);

/// What is explained, and how.
struct ExplainOptions {
  ExplainMethod method = ExplainMethod::automatic;  ///< the method
  /// The class whose score is explained, an index of Classifier::class_names(); unset: the most probable one.
  /// Of a classifier of numbers: the number, and what raises it; unset: the first.
  std::optional<std::int64_t> class_index{};
  /// Name or path ("mobilenetv2/out_relu") of the layer whose feature map is used, for the gradient methods.
  /// Empty: the last feature map with more than one row and column before the answer, through nested models.
  std::string layer{};
  std::int64_t patch = 0;  ///< occlusion: side of the square in pixels of the model's input; 0: an eighth of
                           ///< the input's shorter side. The squares are half of it apart.
  std::optional<data::Exif> exif{};  ///< unset: as the model was trained
};

/// Part of a photo, in shares of its height and width; may reach beyond it where the photo was padded.
struct PhotoRegion {
  double top = 0;     ///< 0: the photo's upper edge
  double left = 0;    ///< 0: the photo's left edge
  double height = 1;  ///< 1: the photo's whole height
  double width = 1;   ///< 1: the photo's whole width
};

/// Where an answer comes from.
struct Explanation {
  Tensor heat_map;  ///< float32 (H, W) of the model's input size, 0 to 1: values, negative ones as 0, divided
                    ///< by the largest and resized bilinearly. All 0 where no part speaks for the class.
  Tensor values;    ///< float32: gradient methods (h, w) of the feature map, as the formula gives them;
                    ///< occlusion (H, W), fall of the probability, negative where it rises
  Prediction explained;  ///< the class that is explained, with its probability; of numbers the number's name
  Prediction predicted;  ///< the most probable class; of numbers as explained
  ExplainMethod method = ExplainMethod::grad_cam;  ///< what was used; never automatic
  std::string why;     ///< of automatic: the reason for another method than grad_cam; else empty
  std::string layer;   ///< path of the feature map's layer; empty for occlusion
  PhotoRegion region;  ///< the part of the photo that the model's input shows
  std::optional<NumberAnswer> number{};  ///< of a classifier of numbers: the one that is explained
};

/// Explains answers of one classifier: keeps the plan between photos. A light handle; copies share the plan.
/// Computes in float32, whatever the classifier's precision. Threads: one call at a time.
class Explainer {
 public:
  /// Errors: Error{invalid_argument} for a class or patch out of range; where a gradient method is asked for,
  /// Error{not_found} for a layer that there is not, and Error{unsupported} where no gradient can be
  /// computed.
  explicit Explainer(Classifier classifier, ExplainOptions options = {});

  /// Of a photo's file. Errors: as data::read_image; Error{unsupported} where a gradient method is asked for
  /// and the score does not change with the feature map (steps of nearest neighbours and votes).
  [[nodiscard]] Explanation explain(const std::filesystem::path& photo) const;
  /// The same where the answer is known, which saves computing it: probabilities of each class, as
  /// Classifier::probabilities() has them. Error{shape_mismatch} for another number of classes.
  [[nodiscard]] Explanation explain(const std::filesystem::path& photo,
                                    std::span<const float> probabilities) const;
  /// Of pixels uint8 or float32 (H, W, C), 0 to 255, of any size.
  [[nodiscard]] Explanation explain(const Tensor& photo) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// One photo's answer explained: Explainer(classifier, options).explain(photo).
[[nodiscard]] Explanation explain(const Classifier& classifier, const std::filesystem::path& photo,
                                  const ExplainOptions& options = {});

/// The photo with its heat map in colours over it: parts without heat stay as they are, hot ones are yellow.
///   photo  uint8 (H, W, 3), the picture that was explained, of any size
/// Returns uint8 (H, W, 3). Errors: Error{shape_mismatch}.
[[nodiscard]] Tensor overlay(const Tensor& photo, const Explanation& explanation);

}  // namespace inspect
}  // namespace graft

#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
// Changes of training batches, pixels and labels: Keras 3.15's layers MixUp,
// CutMix, RandomErasing and RandAugment, with their names, arguments, defaults and ranges. Numbers are
// graft's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/dataset.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// One change of batches. Immutable, safe to share between threads.
class Augmentation {
 public:
  virtual ~Augmentation() = default;
  /// Changes batch.images, float32 (N, H, W, C), and for the kinds that mix labels also batch.labels. The
  /// same key causes the same change. The tensors are replaced, not modified. Throws Error{invalid_argument}
  /// where labels are not distributions.
  virtual void apply(Batch& batch, std::uint64_t key) const = 0;
  /// Keras's class name.
  [[nodiscard]] virtual std::string name() const = 0;
};
using AugmentationPtr = std::shared_ptr<const Augmentation>;

/// A range of values; one number f means (0, f).
struct UpTo {
  double low = 0, high = 0;
  constexpr UpTo() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): factor = 0.5 should read as in Keras
  constexpr UpTo(double most) : high(most) {}
  constexpr UpTo(double least, double most) : low(least), high(most) {}
};

struct MixUpOptions {
  double alpha = 0.2;  ///< of the Beta(alpha, alpha) distribution of the mixing ratio; above 0
  std::optional<std::uint64_t> seed;
};
/// Each photo is blended with another of the batch, and so are their labels, float32 (N, K) (Zhang et al.
/// 2018).
[[nodiscard]] AugmentationPtr MixUp(const MixUpOptions& options = {});

struct CutMixOptions {
  UpTo factor = 1.0;  ///< the Beta distribution's parameter is drawn from it; 0 to 1
  std::optional<std::uint64_t> seed;
};
/// A rectangle of each photo is replaced by another photo's; labels (N, K) are mixed by area (Yun et al.
/// 2019).
[[nodiscard]] AugmentationPtr CutMix(const CutMixOptions& options = {});

struct RandomErasingOptions {
  UpTo factor = 1.0;                 ///< probability of erasing, drawn for each photo; 0 to 1
  UpTo scale{0.02, 0.33};            ///< squares of the rectangle's height and width as parts of the photo's
  std::optional<double> fill_value;  ///< unset: normal noise times the highest value, cut to the range
  UpTo value_range{0, 255};
  std::optional<std::uint64_t> seed;
};
/// A rectangle of some photos becomes noise or one value (Zhong et al. 2017).
[[nodiscard]] AugmentationPtr RandomErasing(const RandomErasingOptions& options = {});

struct RandAugmentOptions {
  UpTo value_range{0, 255};
  std::int64_t num_ops = 2;  ///< changes of each batch, one after the other
  UpTo factor = 0.5;         ///< their strength, 0 to 1
  std::optional<std::uint64_t> seed;
};
/// num_ops of Keras's eleven changes, drawn for a batch, their strengths for each photo (Cubuk et al. 2019):
/// shear, translation, rotation, brightness, colour degeneration, contrast, sharpness, posterisation,
/// solarisation, auto-contrast, equalisation. Photos of one or three channels.
[[nodiscard]] AugmentationPtr RandAugment(const RandAugmentOptions& options = {});

/// By names with an optional strength: "mixup", "cutmix", "erasing", "randaugment", "randaugment=0.3". Throws
/// Error{invalid_argument} listing the known ones.
[[nodiscard]] AugmentationPtr augmentation_from_name(const std::string& name);
/// True where labels must be float32 (N, K).
[[nodiscard]] bool mixes_labels(const Augmentation& augmentation);

}  // namespace graft::data

#pragma GCC visibility pop

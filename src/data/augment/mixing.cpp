// SPDX-License-Identifier: Apache-2.0
// MixUp and CutMix.
#include <algorithm>

#include "graft/base/fail.hpp"

#include "data/augment/draws.hpp"

namespace graft::data {
namespace {

class MixUpChange final : public Augmentation {
 public:
  explicit MixUpChange(const MixUpOptions& options) : options_(options) {
    if (!(options.alpha > 0 && options.alpha <= 1000))
      fail(ErrorKind::invalid_argument, "MixUp: alpha: expected above 0, received ", options.alpha);
  }
  [[nodiscard]] std::string name() const override { return "MixUp"; }

  void apply(Batch& batch, std::uint64_t key) const override {
    check_images(batch, name());
    check_distributions(batch, name());
    Rng rng = stream(key, options_.seed, "MixUp");
    const auto count = static_cast<std::size_t>(batch.images.shape()[0]);
    const std::vector<std::size_t> order = rng.permutation(count);
    std::vector<float> shares(count);
    for (float& share : shares) share = static_cast<float>(draw_beta(rng, options_.alpha));
    batch.images = blended(batch.images, order, shares);
    batch.labels = blended(batch.labels, order, shares);
  }

 private:
  MixUpOptions options_;
};

class CutMixChange final : public Augmentation {
 public:
  explicit CutMixChange(const CutMixOptions& options) : options_(options) {
    check_within("CutMix", "factor", options.factor, 1);
  }
  [[nodiscard]] std::string name() const override { return "CutMix"; }

  void apply(Batch& batch, std::uint64_t key) const override {
    check_images(batch, name());
    check_distributions(batch, name());
    Rng rng = stream(key, options_.seed, "CutMix");
    const Shape& shape = batch.images.shape();
    const auto count = static_cast<std::size_t>(shape[0]);
    const double alpha = draw(rng, options_.factor) + 1e-6;
    const std::vector<std::size_t> order = rng.permutation(count);
    Tensor images = batch.images.clone();
    const auto from = batch.images.data<float>();
    const auto to = images.data<float>();
    const std::int64_t channels = shape[3];
    std::vector<float> shares(count);
    for (std::size_t i = 0; i < count; ++i) {
      const double side = std::sqrt(1 - draw_beta(rng, alpha));
      const auto [left, right] = draw_stretch(rng, side, shape[2]);
      const auto [top, bottom] = draw_stretch(rng, side, shape[1]);
      for (std::int64_t row = 0; row < shape[1]; ++row) {
        if (!(static_cast<double>(row) >= top && static_cast<double>(row) < bottom)) continue;
        for (std::int64_t column = 0; column < shape[2]; ++column) {
          if (!(static_cast<double>(column) >= left && static_cast<double>(column) < right)) continue;
          const auto at = static_cast<std::size_t>((row * shape[2] + column) * channels);
          const auto picture = static_cast<std::size_t>(shape[1] * shape[2] * channels);
          std::copy_n(&from[order[i] * picture + at], channels, &to[i * picture + at]);
        }
      }
      const double area = static_cast<double>(shape[1]) * static_cast<double>(shape[2]);
      shares[i] = static_cast<float>(1 - (right - left) * (bottom - top) / area);
    }
    batch.images = images;
    batch.labels = blended(batch.labels, order, shares);
  }

 private:
  CutMixOptions options_;
};

}  // namespace

void check_images(const Batch& batch, const std::string& name) {
  if (batch.images.shape().rank() != 4 || batch.images.dtype() != DType::float32) {
    fail(ErrorKind::invalid_argument, name, ": expected float32 photos (N, H, W, C), received shape ",
         batch.images.shape());
  }
}

void check_distributions(const Batch& batch, const std::string& name) {
  if (batch.labels.empty() || batch.labels.dtype() != DType::float32 || batch.labels.shape().rank() != 2) {
    fail(ErrorKind::invalid_argument, name,
         ": expected labels float32 (N, classes), which it can mix; give the "
         "data set label_mode categorical (or binary), and the loss that goes with it");
  }
}

Tensor blended(const Tensor& rows, const std::vector<std::size_t>& order, const std::vector<float>& shares) {
  Tensor result(rows.shape());
  const auto from = rows.data<float>();
  const auto to = result.data<float>();
  const std::size_t size = order.empty() ? 0 : from.size() / order.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const float* own = &from[i * size];
    const float* other = &from[order[i] * size];
    for (std::size_t k = 0; k < size; ++k) to[i * size + k] = shares[i] * own[k] + (1 - shares[i]) * other[k];
  }
  return result;
}

AugmentationPtr MixUp(const MixUpOptions& options) { return std::make_shared<MixUpChange>(options); }
AugmentationPtr CutMix(const CutMixOptions& options) { return std::make_shared<CutMixChange>(options); }
bool mixes_labels(const Augmentation& augmentation) {
  return augmentation.name() == "MixUp" || augmentation.name() == "CutMix";
}

}  // namespace graft::data

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "data/augment/draws.hpp"

namespace graft::data {
namespace {

class RandomErasingChange final : public Augmentation {
 public:
  explicit RandomErasingChange(const RandomErasingOptions& options) : options_(options) {
    check_within("RandomErasing", "factor", options.factor, 1);
    check_within("RandomErasing", "scale", options.scale, 1);
  }
  [[nodiscard]] std::string name() const override { return "RandomErasing"; }

  void apply(Batch& batch, std::uint64_t key) const override {
    check_images(batch, name());
    Rng rng = stream(key, options_.seed, "RandomErasing");
    const Shape& shape = batch.images.shape();
    Tensor images = batch.images.clone();
    for (std::int64_t i = 0; i < shape[0]; ++i) {
      const double width = std::sqrt(draw(rng, options_.scale));
      const double height = std::sqrt(draw(rng, options_.scale));
      const auto [left, right] = draw_stretch(rng, width, shape[2]);
      const auto [top, bottom] = draw_stretch(rng, height, shape[1]);
      const double probability = draw(rng, options_.factor);
      if (!(rng.uniform() < probability)) continue;
      const auto picture = images.slice(i, i + 1).data<float>();
      // Pixels at whole numbers from the first to before the last edge.
      for (auto row = static_cast<std::int64_t>(std::ceil(top)); static_cast<double>(row) < bottom; ++row) {
        for (auto column = static_cast<std::int64_t>(std::ceil(left)); static_cast<double>(column) < right;
             ++column)
          erase(rng, picture.subspan(static_cast<std::size_t>((row * shape[2] + column) * shape[3]),
                                     static_cast<std::size_t>(shape[3])));
      }
    }
    batch.images = images;
  }

 private:
  void erase(Rng& rng, std::span<float> pixel) const {
    for (float& x : pixel) {
      const double value =
          options_.fill_value ? *options_.fill_value : rng.normal() * options_.value_range.high;
      x = static_cast<float>(std::clamp(value, options_.value_range.low, options_.value_range.high));
    }
  }

  RandomErasingOptions options_;
};

}  // namespace

AugmentationPtr RandomErasing(const RandomErasingOptions& options) {
  return std::make_shared<RandomErasingChange>(options);
}

}  // namespace graft::data

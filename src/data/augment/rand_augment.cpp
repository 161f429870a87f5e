// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/text.hpp"

#include "data/augment/changes.hpp"
#include "data/augment/draws.hpp"

namespace graft::data {
namespace {

/// In Keras's order.
enum class Kind {
  shear,
  translation,
  rotation,
  brightness,
  colour_degeneration,
  contrast,
  sharpness,
  posterisation,
  solarisation,
  auto_contrast,
  equalisation,
};
constexpr std::uint64_t kKinds = 11;

class RandAugmentChange final : public Augmentation {
 public:
  explicit RandAugmentChange(const RandAugmentOptions& options) : options_(options) {
    check_within("RandAugment", "factor", options.factor, 1);
    if (options.num_ops < 0 || options.num_ops > 100)
      fail(ErrorKind::invalid_argument, "RandAugment: num_ops: expected 0 to 100, received ",
           options.num_ops);
    if (!(options.value_range.low < options.value_range.high))
      fail(ErrorKind::invalid_argument, "RandAugment: value_range: expected a lower and a higher value");
  }
  [[nodiscard]] std::string name() const override { return "RandAugment"; }

  void apply(Batch& batch, std::uint64_t key) const override {
    check_images(batch, name());
    Rng rng = stream(key, options_.seed, "RandAugment");
    const Shape shape = batch.images.shape();
    if (shape[3] != 1 && shape[3] != 3) {
      fail(ErrorKind::invalid_argument,
           "RandAugment: expected photos of one or three channels, received shape ", shape);
    }
    std::vector<Kind> kinds;
    for (std::int64_t i = 0; i < options_.num_ops; ++i) kinds.push_back(static_cast<Kind>(rng.below(kKinds)));
    const std::uint64_t photos = rng.next();
    Tensor images = batch.images.clone();
    parallel_for(static_cast<std::size_t>(shape[0]), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto at = static_cast<std::int64_t>(i);
        Tensor one = images.slice(at, at + 1);
        PictureView picture{.pixels = one.data<float>(),
                            .height = static_cast<std::size_t>(shape[1]),
                            .width = static_cast<std::size_t>(shape[2]),
                            .channels = static_cast<std::size_t>(shape[3])};
        Rng own(photos, i);
        scale(picture, options_.value_range, {0, 255});
        for (const Kind kind : kinds) change(picture, kind, own);
        scale(picture, {0, 255}, options_.value_range);
      }
    });
    batch.images = images;
  }

 private:
  static void scale(PictureView& picture, const RangeFromZero& from, const RangeFromZero& to) {
    if (from.low == to.low && from.high == to.high) return;
    const double factor = (to.high - to.low) / (from.high - from.low);
    for (float& x : picture.pixels) x = static_cast<float>((x - from.low) * factor + to.low);
  }

  void change(PictureView& picture, Kind kind, Rng& rng) const {
    const double a = draw(rng, options_.factor);
    const double b = draw(rng, options_.factor);
    const double sign = rng.uniform() > 0.5 ? -1 : 1;
    const auto strength = static_cast<float>(a);
    switch (kind) {
      case Kind::shear:
        return transform(picture, {.xy = sign * a, .yx = sign * b});
      case Kind::translation:
        return transform(picture, {.x0 = -a * static_cast<double>(picture.width),
                                   .y0 = -b * static_cast<double>(picture.height)});
      case Kind::rotation:
        return transform(picture, rotation(picture, a));
      case Kind::brightness:
        return brighten(picture, strength * 255);
      case Kind::colour_degeneration:
        return fade(picture, strength);
      case Kind::contrast:
        return contrast(picture,
                        static_cast<float>(rng.uniform(1 - options_.factor.low, 1 + options_.factor.high)));
      case Kind::sharpness:
        return sharpen(picture, strength);
      case Kind::posterisation: {
        // Keras draws from 1 to before max(1, 8 factor).
        const auto bits = static_cast<std::uint64_t>(std::max(1.0, std::floor(8 * options_.factor.high)));
        return posterise(picture, static_cast<int>(bits > 1 ? 1 + rng.below(bits - 1) : 1));
      }
      case Kind::solarisation:
        return solarise(picture, strength * 255, static_cast<float>(b) * 255);
      case Kind::auto_contrast:
        return auto_contrast(picture);
      case Kind::equalisation:
        return equalise(picture);
    }
  }

  RandAugmentOptions options_;
};

struct Named {
  std::string_view name;
  AugmentationPtr (*make)(std::optional<double> strength);
};
constexpr std::array kNamed = {
    Named{"mixup", [](std::optional<double> s) { return MixUp({.alpha = s.value_or(0.2)}); }},
    Named{"cutmix", [](std::optional<double> s) { return CutMix({.factor = s.value_or(1.0)}); }},
    Named{"erasing", [](std::optional<double> s) { return RandomErasing({.factor = s.value_or(1.0)}); }},
    Named{"randaugment", [](std::optional<double> s) { return RandAugment({.factor = s.value_or(0.5)}); }},
};

}  // namespace

AugmentationPtr RandAugment(const RandAugmentOptions& options) {
  return std::make_shared<RandAugmentChange>(options);
}

AugmentationPtr augmentation_from_name(const std::string& name) {
  const std::size_t equals = name.find('=');
  const std::string stem = name.substr(0, equals);
  const auto* found = std::ranges::find(kNamed, stem, &Named::name);
  if (found == kNamed.end()) {
    fail(ErrorKind::invalid_argument, "augmentation '", name, "' is not known; known are ",
         comma_list(kNamed, &Named::name));
  }
  if (equals == std::string::npos) return found->make(std::nullopt);
  std::size_t read = 0;
  double strength = -1;
  try {
    strength = std::stod(name.substr(equals + 1), &read);
  } catch (const std::logic_error&) {
    read = 0;
  }
  if (read == 0 || read != name.size() - equals - 1 || !(strength > 0 && strength <= 1)) {
    fail(ErrorKind::invalid_argument, "augmentation '", name,
         "': expected a strength above 0 and at most 1 after =");
  }
  return found->make(strength);
}

}  // namespace graft::data

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

std::string flip_name(Flip mode) {
  switch (mode) {
    case Flip::horizontal:
      return "horizontal";
    case Flip::vertical:
      return "vertical";
    case Flip::horizontal_and_vertical:
      return "horizontal_and_vertical";
  }
  return "horizontal";
}

Flip flip_from(const std::string& mode, const std::string& layer) {
  for (const Flip flip : {Flip::horizontal, Flip::vertical, Flip::horizontal_and_vertical}) {
    if (flip_name(flip) == mode) return flip;
  }
  fail(ErrorKind::bad_file, "RandomFlip '", layer, "': mode '", mode, "' is not known");
}

class RandomFlipLayer final : public RandomImageLayer {
 public:
  explicit RandomFlipLayer(RandomFlipOptions options)
      : RandomImageLayer("RandomFlip", options.name, options.seed), options_(std::move(options)) {}

  [[nodiscard]] Json own_config() const override {
    return {
        {"mode", flip_name(options_.mode)}, {"seed", seed_json(seed())}, {"data_format", "channels_last"}};
  }

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    return ops::RandomTransform{.flip_horizontal = options_.mode != Flip::vertical,
                                .flip_vertical = options_.mode != Flip::horizontal,
                                .seed = seed};
  }

 private:
  RandomFlipOptions options_;
};

}  // namespace

Layer RandomFlip(RandomFlipOptions options) {
  return Layer(std::make_shared<RandomFlipLayer>(std::move(options)));
}

Layer random_flip_from_config(const Json& config) {
  const Config reader(config);
  return RandomFlip({.mode = flip_from(reader.text("mode", "horizontal_and_vertical"), reader.name()),
                     .seed = reader.optional_seed(),
                     .name = reader.name()});
}

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/error.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

constexpr auto kRandomFlipFields = fields<RandomFlipOptions>(
    field<&RandomFlipOptions::mode>("mode"), field<&RandomFlipOptions::seed, SeedCodec>("seed"),
    data_format_field<RandomFlipOptions>());

class RandomFlipLayer final : public RandomImageLayer<kRandomFlipFields> {
 public:
  explicit RandomFlipLayer(RandomFlipOptions given) : RandomImageLayer("RandomFlip", std::move(given)) {}

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    return ops::RandomTransform{.flip_horizontal = options().mode != Flip::vertical,
                                .flip_vertical = options().mode != Flip::horizontal,
                                .seed = seed};
  }
};

}  // namespace

Layer RandomFlip(RandomFlipOptions options) {
  return Layer(std::make_shared<RandomFlipLayer>(std::move(options)));
}

constinit const LayerClass kRandomFlipClass = layer_class<kRandomFlipFields, RandomFlip>("RandomFlip");

}  // namespace graft::layers

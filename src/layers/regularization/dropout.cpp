// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/regularization/random_zeros.hpp"

namespace graft::layers {
namespace {

constexpr auto kDropoutFields = fields<DropoutOptions>(
    field<&DropoutOptions::rate>("rate"), field<&DropoutOptions::seed, SeedCodec>("seed"),
    field<&DropoutOptions::noise_shape, NullableSizesCodec>("noise_shape"));

class PlainDropout final : public DropoutLayer<kDropoutFields, &DropoutOptions::rate> {
 public:
  explicit PlainDropout(DropoutOptions given) : DropoutLayer("Dropout", "rate", std::move(given)) {
    for (const std::int64_t size : noise().sizes()) {
      if (size >= 1 || size == -1) continue;
      fail(ErrorKind::invalid_argument, "Dropout '", name(),
           "': expected sizes of at least 1 in noise_shape, received ", noise());
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape& shape = noise();
    if (shape.rank() == 0) return input;
    bool fits = shape.rank() == input.rank() && input.rank() <= 32;
    for (int axis = 0; fits && axis < static_cast<int>(input.rank()); ++axis)
      fits = shape[axis] <= 1 || input[axis] < 0 || shape[axis] == input[axis];
    if (!fits) bad_input(cat("an input that fits noise_shape ", shape), input);
    return input;
  }

 protected:
  [[nodiscard]] std::uint32_t shared_axes() const override {
    const Shape& shape = noise();
    std::uint32_t axes = 0;
    for (std::size_t i = 0; i < shape.rank(); ++i) {
      if (shape.sizes()[i] == 1) axes |= 1U << i;
    }
    return axes;
  }

 private:
  [[nodiscard]] const Shape& noise() const { return options().noise_shape; }
};

}  // namespace

Layer Dropout(DropoutOptions options) { return Layer(std::make_shared<PlainDropout>(std::move(options))); }

constinit const LayerClass kDropoutClass = layer_class<kDropoutFields, Dropout>("Dropout");

}  // namespace graft::layers

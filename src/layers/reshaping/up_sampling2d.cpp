// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

constexpr auto kUpSampling2DFields = fields<UpSampling2DOptions>(
    field<&UpSampling2DOptions::size>("size"), data_format_field<UpSampling2DOptions>(),
    field<&UpSampling2DOptions::interpolation>("interpolation"));

class UpSampling2DLayer final : public OptionsLayer<kUpSampling2DFields> {
 public:
  explicit UpSampling2DLayer(UpSampling2DOptions given)
      : OptionsLayer("UpSampling2D", std::move(given)),
        interpolation_(to_interpolation(name(), options().interpolation)) {
    if (options().size.height < 1 || options().size.width < 1)
      fail(ErrorKind::invalid_argument, "UpSampling2D '", name(), "': size must be at least 1");
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 4);
    if (shape[1] >= 0) shape.set(1, shape[1] * options().size.height);
    if (shape[2] >= 0) shape.set(2, shape[2] * options().size.width);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    return input == output ? inputs[0] : context.graph.add(ops::Resize{interpolation_}, inputs, output);
  }

 private:
  ops::Interpolation interpolation_;
};

}  // namespace

Layer UpSampling2D(UpSampling2DOptions options) {
  return Layer(std::make_shared<UpSampling2DLayer>(std::move(options)));
}

constinit const LayerClass kUpSampling2DClass =
    layer_class<kUpSampling2DFields, UpSampling2D>("UpSampling2D");

}  // namespace graft::layers

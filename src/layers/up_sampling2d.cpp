// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class UpSampling2DLayer final : public LayerBase {
 public:
  explicit UpSampling2DLayer(UpSampling2DOptions options)
      : LayerBase("UpSampling2D", options.name),
        options_(std::move(options)),
        interpolation_(to_interpolation(name(), options_.interpolation)) {
    if (options_.size.height < 1 || options_.size.width < 1)
      fail(ErrorKind::invalid_argument, "UpSampling2D '", name(), "': size must be at least 1");
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 4);
    if (shape[1] >= 0) shape.set(1, shape[1] * options_.size.height);
    if (shape[2] >= 0) shape.set(2, shape[2] * options_.size.width);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    return input == output ? inputs[0] : context.graph.add(ops::Resize{interpolation_}, inputs, output);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"size", size_json(options_.size)},
            {"data_format", "channels_last"},
            {"interpolation", options_.interpolation}};
  }

 private:
  UpSampling2DOptions options_;
  ops::Interpolation interpolation_;
};

}  // namespace

Layer UpSampling2D(UpSampling2DOptions options) {
  return Layer(std::make_shared<UpSampling2DLayer>(std::move(options)));
}

Layer up_sampling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return UpSampling2D({.size = reader.size("size", 2),
                       .interpolation = reader.text("interpolation", "nearest"),
                       .name = reader.name()});
}

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class ZeroPadding2DLayer final : public LayerBase {
 public:
  explicit ZeroPadding2DLayer(ZeroPadding2DOptions options)
      : LayerBase("ZeroPadding2D", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 4);
    if (shape[1] >= 0) shape.set(1, shape[1] + options_.top + options_.bottom);
    if (shape[2] >= 0) shape.set(2, shape[2] + options_.left + options_.right);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape output = output_shape({context.graph.shape(inputs[0])});
    return context.graph.add(ops::Pad{options_.top, options_.bottom, options_.left, options_.right}, inputs,
                             output);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"padding", sides_json({options_.top, options_.bottom, options_.left, options_.right})},
            {"data_format", "channels_last"}};
  }

 private:
  ZeroPadding2DOptions options_;
};

}  // namespace

Layer ZeroPadding2D(ZeroPadding2DOptions options) {
  return Layer(std::make_shared<ZeroPadding2DLayer>(std::move(options)));
}

Layer ZeroPadding2D(Size2D padding, const std::string& name) {
  return ZeroPadding2D({.top = padding.height,
                        .bottom = padding.height,
                        .left = padding.width,
                        .right = padding.width,
                        .name = name});
}

Layer zero_padding2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  const Sides sides = reader.sides("padding", {1, 1, 1, 1});
  return ZeroPadding2D({.top = sides.top,
                        .bottom = sides.bottom,
                        .left = sides.left,
                        .right = sides.right,
                        .name = reader.name()});
}

}  // namespace graft::layers

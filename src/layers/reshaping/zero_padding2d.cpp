// SPDX-License-Identifier: Apache-2.0
#include "graft/error.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kZeroPadding2DFields = fields<ZeroPadding2DOptions>(
    whole_field<ZeroPadding2DOptions, SidesCodec<ZeroPadding2DOptions>>("padding"),
    data_format_field<ZeroPadding2DOptions>());

class ZeroPadding2DLayer final : public OptionsLayer<kZeroPadding2DFields> {
 public:
  explicit ZeroPadding2DLayer(ZeroPadding2DOptions given) : OptionsLayer("ZeroPadding2D", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 4);
    if (shape[1] >= 0) shape.set(1, shape[1] + options().top + options().bottom);
    if (shape[2] >= 0) shape.set(2, shape[2] + options().left + options().right);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape output = output_shape({context.graph.shape(inputs[0])});
    return context.graph.add(ops::Pad{options().top, options().bottom, options().left, options().right},
                             inputs, output);
  }
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

constinit const LayerClass kZeroPadding2DClass =
    layer_class<kZeroPadding2DFields, static_cast<Layer (*)(ZeroPadding2DOptions)>(ZeroPadding2D)>(
        "ZeroPadding2D");

}  // namespace graft::layers

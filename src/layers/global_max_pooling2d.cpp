// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/global_max_pooling2d.hpp"

#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class GlobalMaxPooling2DLayer final : public LayerBase {
 public:
  explicit GlobalMaxPooling2DLayer(GlobalMaxPooling2DOptions options)
      : LayerBase("GlobalMaxPooling2D", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    return options_.keepdims ? Shape{input[0], 1, 1, input[3]} : Shape{input[0], input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const ops::ValueId y =
        context.graph.add(ops::GlobalPool{ops::PoolKind::max}, inputs, {input[0], input[3]});
    return options_.keepdims ? context.graph.add(ops::Reshape{}, {y}, output_shape({input})) : y;
  }

  [[nodiscard]] Json own_config() const override {
    return {{"data_format", "channels_last"}, {"keepdims", options_.keepdims}};
  }

 private:
  GlobalMaxPooling2DOptions options_;
};

}  // namespace

Layer GlobalMaxPooling2D(GlobalMaxPooling2DOptions options) {
  return Layer(std::make_shared<GlobalMaxPooling2DLayer>(std::move(options)));
}

Layer global_max_pooling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return GlobalMaxPooling2D({.keepdims = reader.boolean("keepdims", false), .name = reader.name()});
}

}  // namespace graft::layers

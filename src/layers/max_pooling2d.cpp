// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/max_pooling2d.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

class MaxPooling2DLayer final : public LayerBase {
 public:
  explicit MaxPooling2DLayer(MaxPooling2DOptions options)
      : LayerBase("MaxPooling2D", options.name), options_(std::move(options)) {
    if (options_.strides == Size2D(0)) options_.strides = options_.pool_size;
    if (options_.pool_size.height < 1 || options_.pool_size.width < 1 || options_.strides.height < 1 ||
        options_.strides.width < 1) {
      fail(ErrorKind::invalid_argument, "MaxPooling2D '", name(),
           "': pool_size and strides must be at least 1");
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    const Size2D size = window_output_size(window(), input);
    if (size.height == 0 || size.width == 0) bad_input("an input of at least the pool's size", input);
    return {input[0], size.height, size.width, input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const ops::Pool pool{ops::PoolKind::max, make_window(window(), input)};
    return context.graph.add(pool, inputs, output_shape({input}));
  }

  [[nodiscard]] Json own_config() const override {
    return {{"pool_size", size_json(options_.pool_size)},
            {"padding", padding_name(options_.padding)},
            {"strides", size_json(options_.strides)},
            {"data_format", "channels_last"}};
  }

 private:
  [[nodiscard]] WindowOptions window() const {
    return {.size = options_.pool_size, .strides = options_.strides, .padding = options_.padding};
  }
  MaxPooling2DOptions options_;
};

}  // namespace

Layer MaxPooling2D(MaxPooling2DOptions options) {
  return Layer(std::make_shared<MaxPooling2DLayer>(std::move(options)));
}

Layer max_pooling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return MaxPooling2D({.pool_size = reader.size("pool_size", 2),
                       .strides = reader.size("strides", 0),
                       .padding = reader.padding(),
                       .name = reader.name()});
}

}  // namespace graft::layers

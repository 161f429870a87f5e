// SPDX-License-Identifier: Apache-2.0
// What maximum and average pooling share: all but the name and the kind.
#pragma once

#include <utility>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {

/// Options has pool_size, strides, padding and name.
template <typename Options>
class PoolingLayer final : public LayerBase {
 public:
  PoolingLayer(const char* class_name, ops::PoolKind kind, Options options)
      : LayerBase(class_name, options.name), kind_(kind), options_(std::move(options)) {
    if (options_.strides == Size2D(0)) options_.strides = options_.pool_size;
    if (options_.pool_size.height < 1 || options_.pool_size.width < 1 || options_.strides.height < 1 ||
        options_.strides.width < 1) {
      fail(ErrorKind::invalid_argument, this->class_name(), " '", name(),
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
    const ops::Pool pool{kind_, make_window(window(), input)};
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
  ops::PoolKind kind_;
  Options options_;
};

/// Options has keepdims and name.
template <typename Options>
class GlobalPoolingLayer final : public LayerBase {
 public:
  GlobalPoolingLayer(const char* class_name, ops::PoolKind kind, Options options)
      : LayerBase(class_name, options.name), kind_(kind), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 4);
    return options_.keepdims ? Shape{input[0], 1, 1, input[3]} : Shape{input[0], input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const ops::ValueId y = context.graph.add(ops::GlobalPool{kind_}, inputs, {input[0], input[3]});
    return options_.keepdims ? context.graph.add(ops::Reshape{}, {y}, output_shape({input})) : y;
  }

  [[nodiscard]] Json own_config() const override {
    return {{"data_format", "channels_last"}, {"keepdims", options_.keepdims}};
  }

 private:
  ops::PoolKind kind_;
  Options options_;
};

}  // namespace graft::layers

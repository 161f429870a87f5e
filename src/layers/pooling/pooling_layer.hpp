// SPDX-License-Identifier: Apache-2.0
// Shared by maximum and average pooling: all but the name and the kind.
#pragma once

#include <utility>
#include <vector>

#include "graft/base/fail.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {

/// Options has pool_size, strides, padding and name.
template <typename Options>
inline constexpr auto kPoolingFields = fields<Options>(field<&Options::pool_size>("pool_size"),
                                                       field<&Options::padding>("padding"),
                                                       field<&Options::strides>("strides"),
                                                       data_format_field<Options>());

/// Strides of 0 become the pool's size, as Keras writes them.
template <typename Options>
[[nodiscard]] Options with_strides(Options options) {
  if (options.strides == Size2D(0)) options.strides = options.pool_size;
  return options;
}

template <typename Options>
class PoolingLayer final : public OptionsLayer<kPoolingFields<Options>> {
  using Base = OptionsLayer<kPoolingFields<Options>>;

 public:
  PoolingLayer(const char* class_name, ops::PoolKind kind, Options options)
      : Base(class_name, with_strides(std::move(options))), kind_(kind) {
    const Size2D pool = this->options().pool_size;
    const Size2D strides = this->options().strides;
    if (pool.height < 1 || pool.width < 1 || strides.height < 1 || strides.width < 1) {
      fail(ErrorKind::invalid_argument, this->class_name(), " '", this->name(),
           "': pool_size and strides must be at least 1");
    }
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = this->only_input(inputs, 4);
    const Size2D size = window_output_size(window(), input);
    if (size.height == 0 || size.width == 0) this->bad_input("an input of at least the pool's size", input);
    return {input[0], size.height, size.width, input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const ops::Pool pool{kind_, make_window(window(), input)};
    return context.graph.add(pool, inputs, output_shape({input}));
  }

 private:
  [[nodiscard]] WindowOptions window() const {
    return {.size = this->options().pool_size,
            .strides = this->options().strides,
            .padding = this->options().padding};
  }
  ops::PoolKind kind_;
};

/// Options has keepdims and name.
template <typename Options>
inline constexpr auto kGlobalPoolingFields = fields<Options>(data_format_field<Options>(),
                                                             field<&Options::keepdims>("keepdims"));

template <typename Options>
class GlobalPoolingLayer final : public OptionsLayer<kGlobalPoolingFields<Options>> {
  using Base = OptionsLayer<kGlobalPoolingFields<Options>>;

 public:
  GlobalPoolingLayer(const char* class_name, ops::PoolKind kind, Options options)
      : Base(class_name, std::move(options)), kind_(kind) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = this->only_input(inputs, 4);
    return this->options().keepdims ? Shape{input[0], 1, 1, input[3]} : Shape{input[0], input[3]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const ops::ValueId y = context.graph.add(ops::GlobalPool{kind_}, inputs, {input[0], input[3]});
    return this->options().keepdims ? context.graph.add(ops::Reshape{}, {y}, output_shape({input})) : y;
  }

 private:
  ops::PoolKind kind_;
};

}  // namespace graft::layers

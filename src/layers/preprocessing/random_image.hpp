// SPDX-License-Identifier: Apache-2.0
// What the random image layers share: they act only in training, on (N, H, W, C), and keep the shape.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graft/layers/layer.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {

[[nodiscard]] ops::Bounds to_range(const SymmetricRange& factor);
[[nodiscard]] ops::FillMode to_fill_mode(Fill fill);
/// "bilinear" or "nearest"; throws Error{unsupported} naming the layer.
[[nodiscard]] ops::Interpolation to_interpolation(const std::string& layer, const std::string& name);

/// The options have a seed.
template <const auto& kFields>
class RandomImageLayer : public OptionsLayer<kFields> {
 public:
  using OptionsLayer<kFields>::OptionsLayer;

  [[nodiscard]] bool has_random_state() const override { return true; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return this->only_input(inputs, 4);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (!context.training) return inputs[0];
    return context.graph.add(random_op(this->seed_or_default(this->options().seed)), inputs,
                             context.graph.shape(inputs[0]));
  }

 protected:
  /// The op for one call in training.
  [[nodiscard]] virtual ops::Params random_op(std::uint64_t seed) const = 0;
};

/// The options of the layers that move pixels, after their factors.
template <typename Options>
inline constexpr auto kMovingFields = fields<Options>(field<&Options::fill_mode>("fill_mode"),
                                                      field<&Options::interpolation>("interpolation"),
                                                      field<&Options::fill_value>("fill_value"),
                                                      field<&Options::seed, SeedCodec>("seed"),
                                                      data_format_field<Options>());

/// A layer that moves pixels; kFields ends with kMovingFields.
template <const auto& kFields>
class MovingLayer : public RandomImageLayer<kFields> {
 public:
  using RandomImageLayer<kFields>::RandomImageLayer;

 protected:
  /// How the pixels move.
  [[nodiscard]] virtual ops::RandomTransform movement() const = 0;
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    ops::RandomTransform op = movement();
    op.fill_mode = to_fill_mode(this->options().fill_mode);
    op.fill_value = static_cast<float>(this->options().fill_value);
    op.interpolation = to_interpolation(this->name(), this->options().interpolation);
    op.seed = seed;
    return op;
  }
};

/// The options of the layers that change the pixels' values.
template <typename Options>
inline constexpr auto kToningFields = fields<Options>(field<&Options::factor>("factor"),
                                                      field<&Options::value_range, RangeCodec>("value_range"),
                                                      field<&Options::seed, SeedCodec>("seed"),
                                                      data_format_field<Options>());

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/activations.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"
#include "layers/merge_layer.hpp"

namespace graft::layers {
namespace {

class PReLULayer final : public LayerBase {
 public:
  explicit PReLULayer(PReLUOptions options)
      : LayerBase("PReLU", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape alpha = alpha_shape(input);
    if (alpha.is_open()) bad_input("known sizes of all axes that are not shared", input);
    if (built() && alpha != alpha_->shape())
      bad_input(cat("an input that fits alpha's shape ", alpha_->shape()), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    alpha_ = add_weight("alpha", alpha_shape(inputs.front()), options_.alpha_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const ops::ValueId alpha =
        reshaped(context.graph, weight(context, alpha_), alpha_->shape().with_batch(1));
    return lower_binary(context.graph, ops::BinaryKind::prelu, inputs[0], alpha);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"alpha_initializer", options_.alpha_initializer},
            {"shared_axes", options_.shared_axes.empty() ? Json(nullptr) : Json(options_.shared_axes)}};
  }

 private:
  [[nodiscard]] Shape alpha_shape(const Shape& input) const {
    if (input.rank() < 2) bad_input("input (N, ...)", input);
    Shape shape = input;
    for (const std::int64_t axis : options_.shared_axes) {
      if (axis < 1 || axis >= static_cast<std::int64_t>(input.rank()))
        bad_input(cat("an input with the shared axis ", axis), input);
      shape.set(static_cast<int>(axis), 1);
    }
    return shape.without_batch();
  }

  PReLUOptions options_;
  VariablePtr alpha_;
};

}  // namespace

Layer PReLU(PReLUOptions options) { return Layer(std::make_shared<PReLULayer>(std::move(options))); }

Layer prelu_from_config(const Json& config) {
  const Config reader(config);
  return PReLU({.alpha_initializer = reader.initializer("alpha_initializer", "zeros"),
                .shared_axes = reader.integers("shared_axes"),
                .name = reader.name()});
}

}  // namespace graft::layers

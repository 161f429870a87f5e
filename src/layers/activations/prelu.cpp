// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"
#include "layers/merging/broadcasting.hpp"

namespace graft::layers {
namespace {

constexpr auto kPReLUFields = fields<PReLUOptions>(
    field<&PReLUOptions::alpha_initializer, InitializerCodec>("alpha_initializer"),
    field<&PReLUOptions::shared_axes, NullWhenEmpty<std::vector<std::int64_t>>>("shared_axes"));

class PReLULayer final : public OptionsLayer<kPReLUFields> {
 public:
  explicit PReLULayer(PReLUOptions given) : OptionsLayer("PReLU", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape alpha = alpha_shape(input);
    if (alpha.is_open()) bad_input("known sizes of all axes that are not shared", input);
    if (built() && alpha != alpha_->shape())
      bad_input(cat("an input that fits alpha's shape ", alpha_->shape()), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    alpha_ = add_weight("alpha", alpha_shape(inputs.front()), options().alpha_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const ops::ValueId alpha =
        reshaped(context.graph, weight(context, alpha_), alpha_->shape().with_batch(1));
    return lower_binary(context.graph, ops::BinaryKind::prelu, inputs[0], alpha);
  }

 private:
  [[nodiscard]] Shape alpha_shape(const Shape& input) const {
    if (input.rank() < 2) bad_input("input (N, ...)", input);
    Shape shape = input;
    for (const std::int64_t axis : options().shared_axes) {
      if (axis < 1 || axis >= static_cast<std::int64_t>(input.rank()))
        bad_input(cat("an input with the shared axis ", axis), input);
      shape.set(static_cast<int>(axis), 1);
    }
    return shape.without_batch();
  }

  VariablePtr alpha_;
};

}  // namespace

Layer PReLU(PReLUOptions options) { return Layer(std::make_shared<PReLULayer>(std::move(options))); }

constinit const LayerClass kPReLUClass = layer_class<kPReLUFields, PReLU>("PReLU");

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

constexpr auto kDenseFields = fields<DenseOptions>(
    field<&DenseOptions::units>("units"), field<&DenseOptions::activation, ActivationCodec>("activation"),
    field<&DenseOptions::use_bias>("use_bias"),
    field<&DenseOptions::kernel_initializer, InitializerCodec>("kernel_initializer"),
    field<&DenseOptions::bias_initializer, InitializerCodec>("bias_initializer"),
    field<&DenseOptions::kernel_regularizer>("kernel_regularizer").listed(),
    field<&DenseOptions::bias_regularizer>("bias_regularizer").listed(),
    field<&DenseOptions::kernel_constraint>("kernel_constraint").listed(),
    field<&DenseOptions::bias_constraint>("bias_constraint").listed());

class DenseLayer final : public OptionsLayer<kDenseFields> {
 public:
  explicit DenseLayer(DenseOptions given) : OptionsLayer("Dense", std::move(given)) {
    if (options().units < 1) {
      fail(ErrorKind::invalid_argument, "Dense '", name(), "': expected units of at least 1, received ",
           options().units);
    }
    check_activation(cat("Dense '", name(), "'"), options().activation);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 0);
    if (shape.rank() < 2 || shape[-1] < 1)
      bad_input("input (N, ..., features) with a known number of features", shape);
    if (built() && shape[-1] != kernel_->shape()[0]) bad_input(cat(kernel_->shape()[0], " features"), shape);
    shape.set(-1, options().units);
    return shape;
  }

  void build(const std::vector<Shape>& inputs) override {
    kernel_ = add_weight("kernel", {inputs.front()[-1], options().units}, options().kernel_initializer);
    if (options().use_bias) bias_ = add_weight("bias", {options().units}, options().bias_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape input = graph.shape(inputs[0]);
    const Shape output = output_shape({input});
    const std::int64_t rows = input.count() / input[-1];
    ops::ValueId x = inputs[0];
    if (input.rank() != 2) x = graph.add(ops::Reshape{}, {x}, {rows, input[-1]});
    const ops::ValueId bias = bias_ ? weight(context, bias_) : ops::kAbsent;
    ops::ValueId y = graph.add(ops::Dense{}, {x, weight(context, kernel_), bias}, {rows, options().units});
    if (input.rank() != 2) y = graph.add(ops::Reshape{}, {y}, output);
    return lower_activation(graph, y, options().activation);
  }

 private:
  VariablePtr kernel_, bias_;
};

}  // namespace

Layer Dense(DenseOptions options) { return Layer(std::make_shared<DenseLayer>(std::move(options))); }

constinit const LayerClass kDenseClass = layer_class<kDenseFields, Dense>("Dense");

}  // namespace graft::layers

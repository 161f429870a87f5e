// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

class DenseLayer final : public LayerBase {
 public:
  explicit DenseLayer(DenseOptions options) : LayerBase("Dense", options.name), options_(std::move(options)) {
    if (options_.units < 1) {
      fail(ErrorKind::invalid_argument, "Dense '", name(), "': expected units of at least 1, received ",
           options_.units);
    }
    check_activation(cat("Dense '", name(), "'"), options_.activation);
    set_kernel_rules(*this, options_);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    Shape shape = only_input(inputs, 0);
    if (shape.rank() < 2 || shape[-1] < 1)
      bad_input("input (N, ..., features) with a known number of features", shape);
    if (built() && shape[-1] != kernel_->shape()[0]) bad_input(cat(kernel_->shape()[0], " features"), shape);
    shape.set(-1, options_.units);
    return shape;
  }

  void build(const std::vector<Shape>& inputs) override {
    kernel_ = add_weight("kernel", {inputs.front()[-1], options_.units}, options_.kernel_initializer);
    if (options_.use_bias) bias_ = add_weight("bias", {options_.units}, options_.bias_initializer);
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
    ops::ValueId y = graph.add(ops::Dense{}, {x, weight(context, kernel_), bias}, {rows, options_.units});
    if (input.rank() != 2) y = graph.add(ops::Reshape{}, {y}, output);
    return lower_activation(graph, y, options_.activation);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"units", options_.units},
            {"activation", options_.activation},
            {"use_bias", options_.use_bias},
            {"kernel_initializer", options_.kernel_initializer},
            {"bias_initializer", options_.bias_initializer}};
  }

 private:
  DenseOptions options_;
  VariablePtr kernel_, bias_;
};

}  // namespace

Layer Dense(DenseOptions options) { return Layer(std::make_shared<DenseLayer>(std::move(options))); }

Layer from_config("Dense", const Json& config) {
  const Config reader(config);
  return Dense({.units = reader.integer("units", 0),
                .activation = reader.activation(),
                .use_bias = reader.boolean("use_bias", true),
                .kernel_initializer = reader.initializer("kernel_initializer", "glorot_uniform"),
                .bias_initializer = reader.initializer("bias_initializer", "zeros"),
                .name = reader.name()});
}

}  // namespace graft::layers

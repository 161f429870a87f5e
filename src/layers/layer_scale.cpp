// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

class LayerScaleLayer final : public LayerBase {
 public:
  explicit LayerScaleLayer(LayerScaleOptions options)
      : LayerBase("LayerScale", options.name), options_(std::move(options)) {
    if (options_.projection_dim < 1) {
      fail(ErrorKind::invalid_argument, "LayerScale '", name(),
           "': expected projection_dim of at least 1, received ", options_.projection_dim);
    }
  }

  [[nodiscard]] std::string module_name() const override { return "keras.src.applications.convnext"; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] != options_.projection_dim)
      bad_input(cat("input (N, ..., ", options_.projection_dim, ")"), input);
    return input;
  }

  void build(const std::vector<Shape>&) override {
    const auto start = static_cast<float>(options_.init_values);
    gamma_ = add_weight("gamma", {options_.projection_dim},
                        [start](Tensor& tensor) { std::ranges::fill(tensor.data<float>(), start); });
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const ops::ValueId zero = constant_vector(context.graph, options_.projection_dim, 0);
    return context.graph.add(ops::ScaleShift{}, {inputs[0], weight(context, gamma_), zero},
                             context.graph.shape(inputs[0]));
  }

  [[nodiscard]] Json own_config() const override {
    return {{"init_values", options_.init_values}, {"projection_dim", options_.projection_dim}};
  }

 private:
  LayerScaleOptions options_;
  VariablePtr gamma_;
};

}  // namespace

Layer LayerScale(LayerScaleOptions options) {
  return Layer(std::make_shared<LayerScaleLayer>(std::move(options)));
}

Layer layer_scale_from_config(const Json& config) {
  const Config reader(config);
  return LayerScale({.init_values = reader.number("init_values", 1e-6),
                     .projection_dim = reader.integer("projection_dim", 0),
                     .name = reader.name()});
}

}  // namespace graft::layers

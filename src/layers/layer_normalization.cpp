// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

class LayerNormalizationLayer final : public LayerBase {
 public:
  explicit LayerNormalizationLayer(LayerNormalizationOptions options)
      : LayerBase("LayerNormalization", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape features = features_of(input);
    if (features.is_open()) bad_input("known sizes of the normalised axes", input);
    if (built() && features != features_) bad_input(cat("normalised axes of sizes ", features_), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    features_ = features_of(inputs.front());
    if (options_.scale) gamma_ = add_weight("gamma", features_, options_.gamma_initializer);
    if (options_.center) beta_ = add_weight("beta", features_, options_.beta_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape shape = output_shape({graph.shape(inputs[0])});
    const std::int64_t width = features_.count();
    const Shape rows{width == 0 ? 0 : shape.count() / width, width};
    const auto parameter = [&](const VariablePtr& variable) {
      return variable ? reshaped(graph, weight(context, variable), {width}) : ops::kAbsent;
    };
    const ops::ValueId x = reshaped(graph, inputs[0], rows);
    const std::vector<ops::ValueId> outputs =
        graph.add_many(ops::GroupNormalization{.groups = 1, .epsilon = static_cast<float>(options_.epsilon)},
                       {x, parameter(gamma_), parameter(beta_)}, {rows, {rows[0], 1}, {rows[0], 1}});
    return reshaped(graph, outputs[0], shape);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"axis", options_.axis},
            {"epsilon", options_.epsilon},
            {"center", options_.center},
            {"scale", options_.scale},
            {"beta_initializer", options_.beta_initializer},
            {"gamma_initializer", options_.gamma_initializer}};
  }

 private:
  /// Sizes of the normalised axes, in order.
  [[nodiscard]] Shape features_of(const Shape& input) const {
    const auto rank = static_cast<std::int64_t>(input.rank());
    std::vector<std::int64_t> axes;
    for (const std::int64_t axis : options_.axis) axes.push_back(axis < 0 ? axis + rank : axis);
    std::ranges::sort(axes);
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::int64_t expected = rank - static_cast<std::int64_t>(axes.size() - i);
      if (axes[i] < 1 || axes[i] >= rank) bad_input(cat("an input with axis ", axes[i]), input);
      if (axes[i] != expected) {
        fail(ErrorKind::unsupported, "LayerNormalization '", name(), "': axis ", Shape(options_.axis),
             " of an input ", input,
             " is not supported; graft normalises the last axis, or several up to it");
      }
      sizes.push_back(input[static_cast<int>(axes[i])]);
    }
    if (sizes.empty()) bad_input("at least one axis", input);
    return Shape(std::move(sizes));
  }

  LayerNormalizationOptions options_;
  Shape features_;
  VariablePtr gamma_, beta_;
};

}  // namespace

Layer LayerNormalization(LayerNormalizationOptions options) {
  return Layer(std::make_shared<LayerNormalizationLayer>(std::move(options)));
}

Layer layer_normalization_from_config(const Json& config) {
  const Config reader(config);
  if (reader.boolean("rms_scaling", false)) {
    fail(ErrorKind::unsupported, "LayerNormalization '", reader.name(), "': rms_scaling is not supported");
  }
  std::vector<std::int64_t> axis = reader.integers("axis");
  if (axis.empty()) axis = {-1};
  return LayerNormalization({.axis = std::move(axis),
                             .epsilon = reader.number("epsilon", 1e-3),
                             .center = reader.boolean("center", true),
                             .scale = reader.boolean("scale", true),
                             .beta_initializer = reader.initializer("beta_initializer", "zeros"),
                             .gamma_initializer = reader.initializer("gamma_initializer", "ones"),
                             .name = reader.name()});
}

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/config.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

class BatchNormalizationLayer final : public LayerBase {
 public:
  explicit BatchNormalizationLayer(BatchNormalizationOptions options)
      : LayerBase("BatchNormalization", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] < 1) bad_input("input (N, ..., C)", input);
    if (built() && input[-1] != moving_mean_->shape()[0])
      bad_input(cat(moving_mean_->shape()[0], " channels"), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape channels{inputs.front()[-1]};
    if (options_.scale) gamma_ = add_weight("gamma", channels, "ones");
    if (options_.center) beta_ = add_weight("beta", channels, "zeros");
    moving_mean_ = add_weight("moving_mean", channels, "zeros", false);
    moving_variance_ = add_weight("moving_variance", channels, "ones", false);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const Shape shape = output_shape({graph.shape(inputs[0])});
    const std::int64_t channels = shape[-1];
    const ops::ValueId gamma = gamma_ ? weight(context, gamma_) : constant_vector(graph, channels, 1);
    const ops::ValueId beta = beta_ ? weight(context, beta_) : constant_vector(graph, channels, 0);
    const ops::ValueId mean = weight(context, moving_mean_);
    const ops::ValueId variance = weight(context, moving_variance_);
    const auto epsilon = static_cast<float>(options_.epsilon);
    if (context.training && trainable() && context.trainable) {
      const std::vector<ops::ValueId> outputs =
          graph.add_many(ops::BatchNormalizationTraining{epsilon}, {inputs[0], gamma, beta},
                         {shape, {channels}, {channels}});
      graph.append({ops::UpdateMovingStatistics{static_cast<float>(options_.momentum)},
                    {outputs[1], outputs[2]},
                    {mean, variance},
                    graph.layer()});
      return outputs[0];
    }
    const std::vector<ops::ValueId> affine = graph.add_many(
        ops::BatchNormalizationScaleShift{epsilon}, {gamma, beta, mean, variance}, {{channels}, {channels}});
    return graph.add(ops::ScaleShift{}, {inputs[0], affine[0], affine[1]}, shape);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"axis", -1},
            {"momentum", options_.momentum},
            {"epsilon", options_.epsilon},
            {"center", options_.center},
            {"scale", options_.scale}};
  }

 private:
  BatchNormalizationOptions options_;
  VariablePtr gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace

Layer BatchNormalization(BatchNormalizationOptions options) {
  return Layer(std::make_shared<BatchNormalizationLayer>(std::move(options)));
}

Layer batch_normalization_from_config(const Json& config) {
  const Config reader(config);
  // Keras writes the axis as -1, 3 or [3]; which of them is the last is known only with the input's rank.
  const std::vector<double> axis = reader.numbers("axis");
  if (!axis.empty() && axis[0] != -1 && axis[0] != 3 && axis[0] != 1) {
    fail(ErrorKind::unsupported, "BatchNormalization '", reader.name(), "': axis ", axis[0],
         " is not supported; graft normalises the last axis");
  }
  return BatchNormalization({.momentum = reader.number("momentum", 0.99),
                             .epsilon = reader.number("epsilon", 1e-3),
                             .center = reader.boolean("center", true),
                             .scale = reader.boolean("scale", true),
                             .name = reader.name()});
}

}  // namespace graft::layers

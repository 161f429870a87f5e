// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

constexpr auto kBatchNormalizationFields = fields<BatchNormalizationOptions>(
    field<&BatchNormalizationOptions::axis, AxisCodec>("axis"),
    field<&BatchNormalizationOptions::momentum>("momentum"),
    field<&BatchNormalizationOptions::epsilon>("epsilon"),
    field<&BatchNormalizationOptions::center>("center"), field<&BatchNormalizationOptions::scale>("scale"));

class BatchNormalizationLayer final : public OptionsLayer<kBatchNormalizationFields> {
 public:
  explicit BatchNormalizationLayer(BatchNormalizationOptions given)
      : OptionsLayer("BatchNormalization", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const int axis = axis_of(input);
    if (input[axis] < 1) bad_input(cat("a known size of axis ", axis), input);
    if (built() && input[axis] != moving_mean_->shape()[0])
      bad_input(cat(moving_mean_->shape()[0], " channels"), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape& input = inputs.front();
    const Shape channels{input[axis_of(input)]};
    is_last_ = axis_of(input) == static_cast<int>(input.rank()) - 1;
    if (options().scale) gamma_ = add_weight("gamma", channels, "ones");
    if (options().center) beta_ = add_weight("beta", channels, "zeros");
    moving_mean_ = add_weight("moving_mean", channels, "zeros", false);
    moving_variance_ = add_weight("moving_variance", channels, "ones", false);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const int axis = axis_of(output_shape({graph.shape(inputs[0])}));
    return last_to_axis(graph, lower_last(context, axis_to_last(graph, inputs[0], axis)), axis);
  }

  /// Keras's default where the axis is the last, however a file numbered it.
  [[nodiscard]] Json own_config() const override {
    Json config = OptionsLayer::own_config();
    if (is_last_) config["axis"] = -1;
    return config;
  }

 private:
  [[nodiscard]] int axis_of(const Shape& input) const {
    return axis_from_first(cat("BatchNormalization '", name(), "'"), options().axis, input);
  }

  /// Over the last axis.
  [[nodiscard]] ops::ValueId lower_last(LowerContext& context, ops::ValueId x) const {
    ops::Graph& graph = context.graph;
    const Shape shape = graph.shape(x);
    const std::int64_t channels = shape[-1];
    const ops::ValueId gamma = gamma_ ? weight(context, gamma_) : constant_vector(graph, channels, 1);
    const ops::ValueId beta = beta_ ? weight(context, beta_) : constant_vector(graph, channels, 0);
    const auto epsilon = static_cast<float>(options().epsilon);
    if (context.training && trainable() && context.trainable) {
      const std::vector<ops::ValueId> outputs = graph.add_many(
          ops::BatchNormalizationTraining{epsilon}, {x, gamma, beta}, {shape, {channels}, {channels}});
      graph.add_op({ops::UpdateMovingStatistics{static_cast<float>(options().momentum)},
                    {outputs[1], outputs[2]},
                    {weight(context, moving_mean_), weight(context, moving_variance_)},
                    graph.layer()});
      return outputs[0];
    }
    const std::vector<ops::ValueId> affine =
        graph.add_many(ops::BatchNormalizationScaleShift{epsilon},
                       {gamma, beta, weight(context, moving_mean_), weight(context, moving_variance_)},
                       {{channels}, {channels}});
    return graph.add(ops::ScaleShift{}, {x, affine[0], affine[1]}, shape);
  }

  bool is_last_ = false;
  VariablePtr gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace

Layer BatchNormalization(BatchNormalizationOptions options) {
  return Layer(std::make_shared<BatchNormalizationLayer>(std::move(options)));
}

constinit const LayerClass kBatchNormalizationClass =
    layer_class<kBatchNormalizationFields, BatchNormalization>("BatchNormalization");

}  // namespace graft::layers

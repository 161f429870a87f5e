// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

/// Keras writes the axis as -1, 3 or [3]; which of them is the last is known only with the input's rank.
void check_batch_axis(const ConfigReader& reader, const char* key, void*) {
  const std::vector<double> axis = reader.numbers(key);
  if (axis.empty() || axis[0] == -1 || axis[0] == 3 || axis[0] == 1) return;
  refuse(reader, "BatchNormalization",
         cat("axis ", axis[0], " is not supported; graft normalises the last axis"));
}

constexpr auto kBatchNormalizationFields = fields<BatchNormalizationOptions>(
    fixed_field<BatchNormalizationOptions>(
        "axis", [](const void*) -> Json { return -1; }, check_batch_axis),
    field<&BatchNormalizationOptions::momentum>("momentum"),
    field<&BatchNormalizationOptions::epsilon>("epsilon"),
    field<&BatchNormalizationOptions::center>("center"), field<&BatchNormalizationOptions::scale>("scale"));

class BatchNormalizationLayer final : public OptionsLayer<kBatchNormalizationFields> {
 public:
  explicit BatchNormalizationLayer(BatchNormalizationOptions given)
      : OptionsLayer("BatchNormalization", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] < 1) bad_input("input (N, ..., C)", input);
    if (built() && input[-1] != moving_mean_->shape()[0])
      bad_input(cat(moving_mean_->shape()[0], " channels"), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape channels{inputs.front()[-1]};
    if (options().scale) gamma_ = add_weight("gamma", channels, "ones");
    if (options().center) beta_ = add_weight("beta", channels, "zeros");
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
    const auto epsilon = static_cast<float>(options().epsilon);
    if (context.training && trainable() && context.trainable) {
      const std::vector<ops::ValueId> outputs =
          graph.add_many(ops::BatchNormalizationTraining{epsilon}, {inputs[0], gamma, beta},
                         {shape, {channels}, {channels}});
      graph.append({ops::UpdateMovingStatistics{static_cast<float>(options().momentum)},
                    {outputs[1], outputs[2]},
                    {mean, variance},
                    graph.layer()});
      return outputs[0];
    }
    const std::vector<ops::ValueId> affine = graph.add_many(
        ops::BatchNormalizationScaleShift{epsilon}, {gamma, beta, mean, variance}, {{channels}, {channels}});
    return graph.add(ops::ScaleShift{}, {inputs[0], affine[0], affine[1]}, shape);
  }

 private:
  VariablePtr gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace

Layer BatchNormalization(BatchNormalizationOptions options) {
  return Layer(std::make_shared<BatchNormalizationLayer>(std::move(options)));
}

constinit const LayerClass kBatchNormalizationClass =
    layer_class<kBatchNormalizationFields, BatchNormalization>("BatchNormalization");

}  // namespace graft::layers

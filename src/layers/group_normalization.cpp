// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class GroupNormalizationLayer final : public LayerBase {
 public:
  explicit GroupNormalizationLayer(GroupNormalizationOptions options)
      : LayerBase("GroupNormalization", options.name), options_(std::move(options)) {
    if (options_.groups >= 1 || options_.groups == -1) return;
    fail(ErrorKind::invalid_argument, "GroupNormalization '", name(),
         "': expected groups of at least 1, or -1, received ", options_.groups);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] < 1) bad_input("input (N, ..., C)", input);
    if (input[-1] % groups_of(input) != 0)
      bad_input(cat("channels divisible by groups ", options_.groups), input);
    if (built() && input[-1] != channels_) bad_input(cat(channels_, " channels"), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    channels_ = inputs.front()[-1];
    if (options_.scale) gamma_ = add_weight("gamma", {channels_}, options_.gamma_initializer);
    if (options_.center) beta_ = add_weight("beta", {channels_}, options_.beta_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = output_shape({context.graph.shape(inputs[0])});
    const std::int64_t groups = groups_of(shape);
    const ops::GroupNormalization op{.groups = groups, .epsilon = static_cast<float>(options_.epsilon)};
    const auto parameter = [&](const VariablePtr& variable) {
      return variable ? weight(context, variable) : ops::kAbsent;
    };
    return context.graph
        .add_many(op, {inputs[0], parameter(gamma_), parameter(beta_)},
                  {shape, {shape[0], groups}, {shape[0], groups}})
        .front();
  }

  [[nodiscard]] Json own_config() const override {
    return {{"groups", options_.groups},
            {"axis", -1},
            {"epsilon", options_.epsilon},
            {"center", options_.center},
            {"scale", options_.scale},
            {"beta_initializer", options_.beta_initializer},
            {"gamma_initializer", options_.gamma_initializer}};
  }

 private:
  [[nodiscard]] std::int64_t groups_of(const Shape& input) const {
    return options_.groups == -1 ? input[-1] : options_.groups;
  }

  GroupNormalizationOptions options_;
  std::int64_t channels_ = 0;
  VariablePtr gamma_, beta_;
};

}  // namespace

Layer GroupNormalization(GroupNormalizationOptions options) {
  return Layer(std::make_shared<GroupNormalizationLayer>(std::move(options)));
}

Layer group_normalization_from_config(const Json& config) {
  const Config reader(config);
  const std::int64_t axis = reader.integer("axis", -1);
  if (axis != -1 && axis != 3) {
    fail(ErrorKind::unsupported, "GroupNormalization '", reader.name(), "': axis ", axis,
         " is not supported; graft normalises groups of the last axis");
  }
  return GroupNormalization({.groups = reader.integer("groups", 32),
                             .epsilon = reader.number("epsilon", 1e-3),
                             .center = reader.boolean("center", true),
                             .scale = reader.boolean("scale", true),
                             .beta_initializer = reader.initializer("beta_initializer", "zeros"),
                             .gamma_initializer = reader.initializer("gamma_initializer", "ones"),
                             .name = reader.name()});
}

}  // namespace graft::layers

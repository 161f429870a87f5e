// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

void check_group_axis(const ConfigReader& reader, const char* key, void*) {
  const std::int64_t axis = reader.integer(key, -1);
  if (axis == -1 || axis == 3) return;
  refuse(reader, "GroupNormalization",
         cat("axis ", axis, " is not supported; graft normalises groups of the last axis"));
}

constexpr auto kGroupNormalizationFields = fields<GroupNormalizationOptions>(
    field<&GroupNormalizationOptions::groups>("groups"),
    fixed_field<GroupNormalizationOptions>(
        "axis", [](const void*) -> Json { return -1; }, check_group_axis),
    field<&GroupNormalizationOptions::epsilon>("epsilon"),
    field<&GroupNormalizationOptions::center>("center"), field<&GroupNormalizationOptions::scale>("scale"),
    field<&GroupNormalizationOptions::beta_initializer, InitializerCodec>("beta_initializer"),
    field<&GroupNormalizationOptions::gamma_initializer, InitializerCodec>("gamma_initializer"));

class GroupNormalizationLayer final : public OptionsLayer<kGroupNormalizationFields> {
 public:
  explicit GroupNormalizationLayer(GroupNormalizationOptions given)
      : OptionsLayer("GroupNormalization", std::move(given)) {
    if (options().groups >= 1 || options().groups == -1) return;
    fail(ErrorKind::invalid_argument, "GroupNormalization '", name(),
         "': expected groups of at least 1, or -1, received ", options().groups);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] < 1) bad_input("input (N, ..., C)", input);
    if (input[-1] % groups_of(input) != 0)
      bad_input(cat("channels divisible by groups ", options().groups), input);
    if (built() && input[-1] != channels_) bad_input(cat(channels_, " channels"), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    channels_ = inputs.front()[-1];
    if (options().scale) gamma_ = add_weight("gamma", {channels_}, options().gamma_initializer);
    if (options().center) beta_ = add_weight("beta", {channels_}, options().beta_initializer);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = output_shape({context.graph.shape(inputs[0])});
    const std::int64_t groups = groups_of(shape);
    const ops::GroupNormalization op{.groups = groups, .epsilon = static_cast<float>(options().epsilon)};
    const auto parameter = [&](const VariablePtr& variable) {
      return variable ? weight(context, variable) : ops::kAbsent;
    };
    return context.graph
        .add_many(op, {inputs[0], parameter(gamma_), parameter(beta_)},
                  {shape, {shape[0], groups}, {shape[0], groups}})
        .front();
  }

 private:
  [[nodiscard]] std::int64_t groups_of(const Shape& input) const {
    return options().groups == -1 ? input[-1] : options().groups;
  }

  std::int64_t channels_ = 0;
  VariablePtr gamma_, beta_;
};

}  // namespace

Layer GroupNormalization(GroupNormalizationOptions options) {
  return Layer(std::make_shared<GroupNormalizationLayer>(std::move(options)));
}

constinit const LayerClass kGroupNormalizationClass =
    layer_class<kGroupNormalizationFields, GroupNormalization>("GroupNormalization");

}  // namespace graft::layers

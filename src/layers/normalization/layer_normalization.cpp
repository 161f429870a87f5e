// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/layers/normalization.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

void check_rms_scaling(const ConfigReader& reader) {
  if (reader.boolean("rms_scaling", false))
    refuse(reader, "LayerNormalization", "rms_scaling is not supported");
}

constexpr auto kLayerNormalizationFields = fields<LayerNormalizationOptions>(
    field<&LayerNormalizationOptions::axis>("axis"), field<&LayerNormalizationOptions::epsilon>("epsilon"),
    field<&LayerNormalizationOptions::center>("center"), field<&LayerNormalizationOptions::scale>("scale"),
    field<&LayerNormalizationOptions::beta_initializer, InitializerCodec>("beta_initializer"),
    field<&LayerNormalizationOptions::gamma_initializer, InitializerCodec>("gamma_initializer"));

class LayerNormalizationLayer final : public OptionsLayer<kLayerNormalizationFields> {
 public:
  explicit LayerNormalizationLayer(LayerNormalizationOptions given)
      : OptionsLayer("LayerNormalization", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape features = features_of(input);
    if (features.is_open()) bad_input("known sizes of the normalised axes", input);
    if (built() && features != features_) bad_input(cat("normalised axes of sizes ", features_), input);
    return input;
  }

  void build(const std::vector<Shape>& inputs) override {
    features_ = features_of(inputs.front());
    if (options().scale) gamma_ = add_weight("gamma", features_, options().gamma_initializer);
    if (options().center) beta_ = add_weight("beta", features_, options().beta_initializer);
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
        graph.add_many(ops::GroupNormalization{.groups = 1, .epsilon = static_cast<float>(options().epsilon)},
                       {x, parameter(gamma_), parameter(beta_)}, {rows, {rows[0], 1}, {rows[0], 1}});
    return reshaped(graph, outputs[0], shape);
  }

 private:
  /// Sizes of the normalised axes, in order.
  [[nodiscard]] Shape features_of(const Shape& input) const {
    const auto rank = static_cast<std::int64_t>(input.rank());
    std::vector<std::int64_t> axes;
    for (const std::int64_t axis : options().axis) axes.push_back(axis < 0 ? axis + rank : axis);
    std::ranges::sort(axes);
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::int64_t expected = rank - static_cast<std::int64_t>(axes.size() - i);
      if (axes[i] < 1 || axes[i] >= rank) bad_input(cat("an input with axis ", axes[i]), input);
      if (axes[i] != expected) {
        fail(ErrorKind::unsupported, "LayerNormalization '", name(), "': axis ",
             comma_list(options().axis, [](std::int64_t axis) { return std::to_string(axis); }),
             " of an input ", input,
             " is not supported; graft normalises the last axis, or several up to it");
      }
      sizes.push_back(input[static_cast<int>(axes[i])]);
    }
    if (sizes.empty()) bad_input("at least one axis", input);
    return Shape(std::move(sizes));
  }

  Shape features_;
  VariablePtr gamma_, beta_;
};

}  // namespace

Layer LayerNormalization(LayerNormalizationOptions options) {
  return Layer(std::make_shared<LayerNormalizationLayer>(std::move(options)));
}

constinit const LayerClass kLayerNormalizationClass =
    layer_class<kLayerNormalizationFields, LayerNormalization, check_rms_scaling>("LayerNormalization");

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kRescalingFields =
    fields<RescalingOptions>(field<&RescalingOptions::scale, NumberOrList>("scale"),
                             field<&RescalingOptions::offset, NumberOrList>("offset"));

class RescalingLayer final : public OptionsLayer<kRescalingFields> {
 public:
  explicit RescalingLayer(RescalingOptions given) : OptionsLayer("Rescaling", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    for (const auto* list : {&options().scale, &options().offset}) {
      if (list->size() != 1 && static_cast<std::int64_t>(list->size()) != input[-1]) {
        bad_input(cat(list->size(), " channels, as many as scale or offset has"), input);
      }
    }
    return input;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = output_shape({context.graph.shape(inputs[0])});
    const ops::ValueId scale = vector(context.graph, options().scale, shape[-1]);
    const ops::ValueId shift = vector(context.graph, options().offset, shape[-1]);
    return context.graph.add(ops::ScaleShift{}, {inputs[0], scale, shift}, shape);
  }

  static ops::ValueId vector(ops::Graph& graph, const std::vector<double>& values, std::int64_t channels) {
    Tensor tensor(Shape{channels});
    auto out = tensor.data<float>();
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(values[values.size() == 1 ? 0 : i]);
    return graph.add_constant(std::move(tensor));
  }
};

}  // namespace

Layer Rescaling(RescalingOptions options) {
  return Layer(std::make_shared<RescalingLayer>(std::move(options)));
}

constinit const LayerClass kRescalingClass = layer_class<kRescalingFields, Rescaling>("Rescaling");

}  // namespace graft::layers

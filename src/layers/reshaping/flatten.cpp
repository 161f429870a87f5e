// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kFlattenFields = fields<FlattenOptions>(data_format_field<FlattenOptions>());

class FlattenLayer final : public OptionsLayer<kFlattenFields> {
 public:
  explicit FlattenLayer(FlattenOptions given) : OptionsLayer("Flatten", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape inner = input.without_batch();
    return {input[0], inner.is_open() ? -1 : inner.count()};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::Reshape{}, inputs, output_shape({context.graph.shape(inputs[0])}));
  }
};

}  // namespace

Layer Flatten(FlattenOptions options) { return Layer(std::make_shared<FlattenLayer>(std::move(options))); }

constinit const LayerClass kFlattenClass = layer_class<kFlattenFields, Flatten>("Flatten");

}  // namespace graft::layers

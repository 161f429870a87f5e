// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class FlattenLayer final : public LayerBase {
 public:
  explicit FlattenLayer(FlattenOptions options)
      : LayerBase("Flatten", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape inner = input.without_batch();
    return {input[0], inner.is_open() ? -1 : inner.count()};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::Reshape{}, inputs, output_shape({context.graph.shape(inputs[0])}));
  }

  [[nodiscard]] Json own_config() const override { return {{"data_format", "channels_last"}}; }

 private:
  FlattenOptions options_;
};

}  // namespace

Layer Flatten(FlattenOptions options) { return Layer(std::make_shared<FlattenLayer>(std::move(options))); }

Layer flatten_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return Flatten({.name = reader.name()});
}

}  // namespace graft::layers

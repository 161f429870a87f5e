// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class RescalingLayer final : public LayerBase {
 public:
  explicit RescalingLayer(RescalingOptions options)
      : LayerBase("Rescaling", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    for (const auto* list : {&options_.scale, &options_.offset}) {
      if (list->size() != 1 && static_cast<std::int64_t>(list->size()) != input[-1]) {
        bad_input(cat(list->size(), " channels, as many as scale or offset has"), input);
      }
    }
    return input;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = output_shape({context.graph.shape(inputs[0])});
    const ops::ValueId scale = vector(context.graph, options_.scale, shape[-1]);
    const ops::ValueId shift = vector(context.graph, options_.offset, shape[-1]);
    return context.graph.add(ops::ScaleShift{}, {inputs[0], scale, shift}, shape);
  }

  static ops::ValueId vector(ops::Graph& graph, const std::vector<double>& values, std::int64_t channels) {
    Tensor tensor(Shape{channels});
    auto out = tensor.data<float>();
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(values[values.size() == 1 ? 0 : i]);
    return graph.add_constant(std::move(tensor));
  }

  static Json number_or_list(const std::vector<double>& values) {
    return values.size() == 1 ? Json(values[0]) : Json(values);
  }

  [[nodiscard]] Json own_config() const override {
    return {{"scale", number_or_list(options_.scale)}, {"offset", number_or_list(options_.offset)}};
  }

 private:
  RescalingOptions options_;
};

}  // namespace

Layer Rescaling(RescalingOptions options) {
  return Layer(std::make_shared<RescalingLayer>(std::move(options)));
}

Layer rescaling_from_config(const Json& config) {
  const Config reader(config);
  std::vector<double> scale = reader.numbers("scale");
  std::vector<double> offset = reader.numbers("offset");
  if (scale.empty()) scale = {1};
  if (offset.empty()) offset = {0};
  return Rescaling({.scale = std::move(scale), .offset = std::move(offset), .name = reader.name()});
}

}  // namespace graft::layers

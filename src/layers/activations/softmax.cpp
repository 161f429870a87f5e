// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

constexpr auto kSoftmaxFields = fields<SoftmaxOptions>(field<&SoftmaxOptions::axis, AxisCodec>("axis"));

class SoftmaxLayer final : public OptionsLayer<kSoftmaxFields> {
 public:
  explicit SoftmaxLayer(SoftmaxOptions given) : OptionsLayer("Softmax", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    static_cast<void>(axis_of(input));
    return input;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::Graph& graph = context.graph;
    const int axis = axis_of(graph.shape(inputs[0]));
    const ops::ValueId x = axis_to_last(graph, inputs[0], axis);
    return last_to_axis(graph, graph.add(ops::Softmax{}, {x}, graph.shape(x)), axis);
  }

 private:
  [[nodiscard]] int axis_of(const Shape& input) const {
    return axis_from_first(cat("Softmax '", name(), "'"), options().axis, input);
  }
};

}  // namespace

Layer Softmax(SoftmaxOptions options) { return Layer(std::make_shared<SoftmaxLayer>(std::move(options))); }

constinit const LayerClass kSoftmaxClass = layer_class<kSoftmaxFields, Softmax>("Softmax");

}  // namespace graft::layers

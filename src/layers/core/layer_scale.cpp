// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft::layers {
namespace {

constexpr auto kLayerScaleFields =
    fields<LayerScaleOptions>(field<&LayerScaleOptions::init_values>("init_values"),
                              field<&LayerScaleOptions::projection_dim>("projection_dim"));

class LayerScaleLayer final : public OptionsLayer<kLayerScaleFields> {
 public:
  explicit LayerScaleLayer(LayerScaleOptions given) : OptionsLayer("LayerScale", std::move(given)) {
    if (options().projection_dim < 1) {
      fail(ErrorKind::invalid_argument, "LayerScale '", name(),
           "': expected projection_dim of at least 1, received ", options().projection_dim);
    }
  }

  [[nodiscard]] std::string module_name() const override { return "keras.src.applications.convnext"; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    if (input.rank() < 2 || input[-1] != options().projection_dim)
      bad_input(cat("input (N, ..., ", options().projection_dim, ")"), input);
    return input;
  }

  void build(const std::vector<Shape>&) override {
    const auto start = static_cast<float>(options().init_values);
    gamma_ = add_weight("gamma", {options().projection_dim},
                        [start](Tensor& tensor) { std::ranges::fill(tensor.data<float>(), start); });
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const ops::ValueId zero = constant_vector(context.graph, options().projection_dim, 0);
    return context.graph.add(ops::ScaleShift{}, {inputs[0], weight(context, gamma_), zero},
                             context.graph.shape(inputs[0]));
  }

 private:
  VariablePtr gamma_;
};

}  // namespace

Layer LayerScale(LayerScaleOptions options) {
  return Layer(std::make_shared<LayerScaleLayer>(std::move(options)));
}

constinit const LayerClass kLayerScaleClass = layer_class<kLayerScaleFields, LayerScale>("LayerScale");

}  // namespace graft::layers

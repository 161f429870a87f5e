// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/core.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

void check_softmax_axis(const ConfigReader& reader, const char* key, void*) {
  const std::vector<double> axis = reader.numbers(key);
  if (axis.empty() || axis[0] == -1) return;
  refuse(reader, "Softmax", cat("axis ", axis[0], " is not supported, only the last"));
}

constexpr auto kSoftmaxFields = fields<SoftmaxOptions>(fixed_field<SoftmaxOptions>(
    "axis", [](const void*) -> Json { return -1; }, check_softmax_axis));

class SoftmaxLayer final : public OptionsLayer<kSoftmaxFields> {
 public:
  explicit SoftmaxLayer(SoftmaxOptions given) : OptionsLayer("Softmax", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::Softmax{}, inputs, context.graph.shape(inputs[0]));
  }
};

}  // namespace

Layer Softmax(SoftmaxOptions options) { return Layer(std::make_shared<SoftmaxLayer>(std::move(options))); }

constinit const LayerClass kSoftmaxClass = layer_class<kSoftmaxFields, Softmax>("Softmax");

}  // namespace graft::layers

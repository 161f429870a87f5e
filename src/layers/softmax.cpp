// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/activations.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class SoftmaxLayer final : public LayerBase {
 public:
  explicit SoftmaxLayer(SoftmaxOptions options)
      : LayerBase("Softmax", options.name), options_(std::move(options)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::Softmax{}, inputs, context.graph.shape(inputs[0]));
  }

  [[nodiscard]] Json own_config() const override { return {{"axis", -1}}; }

 private:
  SoftmaxOptions options_;
};

}  // namespace

Layer Softmax(SoftmaxOptions options) { return Layer(std::make_shared<SoftmaxLayer>(std::move(options))); }

Layer softmax_from_config(const Json& config) {
  const Config reader(config);
  const std::vector<double> axis = reader.numbers("axis");
  if (!axis.empty() && axis[0] != -1) {
    fail(ErrorKind::unsupported, "Softmax '", reader.name(), "': axis ", axis[0],
         " is not supported, only the last");
  }
  return Softmax({.name = reader.name()});
}

}  // namespace graft::layers

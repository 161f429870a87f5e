// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kRepeatVectorFields = fields<RepeatVectorOptions>(field<&RepeatVectorOptions::n>("n"));

class RepeatVectorLayer final : public OptionsLayer<kRepeatVectorFields> {
 public:
  explicit RepeatVectorLayer(RepeatVectorOptions given) : OptionsLayer("RepeatVector", std::move(given)) {
    if (options().n >= 1) return;
    fail(ErrorKind::invalid_argument, "RepeatVector '", name(), "': expected an n of at least 1, received ",
         options().n);
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 2);
    return {input[0], options().n, input[1]};
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape input = context.graph.shape(inputs[0]);
    const ops::ValueId row = context.graph.add(ops::Reshape{}, inputs, {input[0], 1, input[1]});
    if (options().n == 1) return row;
    const ops::ValueId zeros = context.graph.add_constant(Tensor({1, options().n, 1}));
    return context.graph.add(ops::Binary{ops::BinaryKind::add}, {row, zeros}, output_shape({input}));
  }
};

}  // namespace

Layer RepeatVector(RepeatVectorOptions options) {
  return Layer(std::make_shared<RepeatVectorLayer>(std::move(options)));
}

constinit const LayerClass kRepeatVectorClass =
    layer_class<kRepeatVectorFields, RepeatVector>("RepeatVector");

}  // namespace graft::layers

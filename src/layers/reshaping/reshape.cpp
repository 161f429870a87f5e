// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/reshaping.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kReshapeFields =
    fields<ReshapeOptions>(field<&ReshapeOptions::target_shape, SizesCodec>("target_shape"));

class ReshapeLayer final : public OptionsLayer<kReshapeFields> {
 public:
  explicit ReshapeLayer(ReshapeOptions given) : OptionsLayer("Reshape", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    const Shape& input = only_input(inputs, 0);
    const Shape inner = input.without_batch();
    Shape target = options().target_shape;
    if (inner.is_open()) return target.with_batch(input[0]);
    std::int64_t known = 1;
    int open = -1;
    for (int axis = 0; axis < static_cast<int>(target.rank()); ++axis) {
      if (target[axis] < 0) {
        open = axis;
      } else {
        known *= target[axis];
      }
    }
    if (open >= 0 && known > 0 && inner.count() % known == 0) target.set(open, inner.count() / known);
    if (target.is_open() || target.count() != inner.count()) {
      bad_input(cat("an input that fits target_shape ", options().target_shape), input);
    }
    return target.with_batch(input[0]);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return context.graph.add(ops::Reshape{}, inputs, output_shape({context.graph.shape(inputs[0])}));
  }
};

}  // namespace

Layer Reshape(ReshapeOptions options) { return Layer(std::make_shared<ReshapeLayer>(std::move(options))); }

constinit const LayerClass kReshapeClass = layer_class<kReshapeFields, Reshape>("Reshape");

}  // namespace graft::layers

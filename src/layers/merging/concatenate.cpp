// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/merging.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kConcatenateFields = fields<ConcatenateOptions>(field<&ConcatenateOptions::axis>("axis"));

class ConcatenateLayer final : public OptionsLayer<kConcatenateFields> {
 public:
  explicit ConcatenateLayer(ConcatenateOptions given) : OptionsLayer("Concatenate", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.empty()) fail(ErrorKind::invalid_argument, "Concatenate '", name(), "': it has no input");
    Shape shape = inputs.front();
    const int axis = resolved_axis(shape);
    std::int64_t total = 0;
    for (const Shape& input : inputs) {
      Shape same = input;
      if (input.rank() == shape.rank()) same.set(axis, shape[axis]);
      if (same != shape) bad_input(cat("inputs that differ from ", shape, " only in axis ", axis), input);
      total = total < 0 || input[axis] < 0 ? -1 : total + input[axis];
    }
    shape.set(axis, total);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (inputs.size() == 1) return inputs[0];
    std::vector<Shape> shapes;
    shapes.reserve(inputs.size());
    for (const ops::ValueId input : inputs) shapes.push_back(context.graph.shape(input));
    return context.graph.add(ops::Concatenate{resolved_axis(shapes[0])}, inputs, output_shape(shapes));
  }

 private:
  [[nodiscard]] int resolved_axis(const Shape& shape) const {
    const int rank = static_cast<int>(shape.rank());
    const int axis = options().axis < 0 ? options().axis + rank : options().axis;
    if (axis < 1 || axis >= rank)
      bad_input(cat("an input with axis ", options().axis, ", which is not the batch axis"), shape);
    return axis;
  }
};

}  // namespace

Layer Concatenate(ConcatenateOptions options) {
  return Layer(std::make_shared<ConcatenateLayer>(std::move(options)));
}

constinit const LayerClass kConcatenateClass = layer_class<kConcatenateFields, Concatenate>("Concatenate");

}  // namespace graft::layers

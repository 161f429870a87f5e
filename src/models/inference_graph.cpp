// SPDX-License-Identifier: Apache-2.0
#include "graft/models/inference_graph.hpp"

#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/models/functional_model.hpp"

namespace graft {
namespace {

Shape input_shape(const SymbolicTensor& input, const std::optional<Size2D>& image_size,
                  std::string_view file) {
  Shape shape = input.shape;
  shape.set(0, 1);
  if (shape.rank() == 4 && image_size) {
    if (shape[1] < 0) shape.set(1, image_size->height);
    if (shape[2] < 0) shape.set(2, image_size->width);
  }
  if (shape.is_open()) {
    fail(ErrorKind::shape_mismatch, "input '", input.layer->name(), "' has the shape ", input.shape, "; ",
         file, " of it needs its height and width: give an image size");
  }
  return shape;
}

}  // namespace

InferenceGraph inference_graph(const Model& model, const std::optional<Size2D>& image_size,
                               std::string_view file) {
  InferenceGraph lowered;
  for (const SymbolicTensor& input : model.inputs())
    lowered.inputs.push_back(lowered.graph.add_input(input_shape(input, image_size, file)));
  layers::LowerContext context{.graph = lowered.graph, .training = false, .inference = true};
  lowered.outputs = model.functional()->lower_with(context, lowered.inputs, {}).outputs;
  return lowered;
}

Shape RowShapes::of(ops::ValueId value) const {
  const auto found = whole_.find(value);
  return found == whole_.end() ? Shape() : found->second;
}

void RowShapes::follow(const ops::Graph& graph, const ops::Op& op) {
  const ops::ValueId y = op.outputs[0];
  if (std::holds_alternative<ops::Reshape>(op.params) || graph.shape(y).rank() != 2) return;
  for (const ops::ValueId input : op.inputs) {
    if (input == ops::kAbsent) continue;
    Shape whole = of(input);
    if (whole.rank() == 0) continue;
    whole.set(-1, graph.shape(y)[1]);
    set(y, whole);
  }
}

std::optional<Tensor> FixedValues::of(const ops::Graph& graph, ops::ValueId value) const {
  if (value == ops::kAbsent) return std::nullopt;
  const ops::Value& known = graph.value(value);
  if (const ops::WeightValue* weight = known.weight()) return weight->variable->value().reshape(known.shape);
  if (const ops::ConstantValue* constant = known.constant()) return constant->elements.reshape(known.shape);
  const auto found = computed_.find(value);
  return found == computed_.end() ? std::nullopt : std::optional(found->second);
}

ScaleAndShift scale_and_shift(std::span<const Tensor> given, float epsilon) {
  ScaleAndShift result{Tensor(given[0].shape()), Tensor(given[0].shape())};
  for (std::size_t c = 0; c < result.scale.data().size(); ++c) {
    const double factor = given[0].data()[c] / std::sqrt(static_cast<double>(given[3].data()[c]) + epsilon);
    result.scale.data()[c] = static_cast<float>(factor);
    result.shift.data()[c] = static_cast<float>(given[1].data()[c] - given[2].data()[c] * factor);
  }
  return result;
}

}  // namespace graft

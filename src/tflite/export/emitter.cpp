// SPDX-License-Identifier: Apache-2.0
#include "tflite/export/emitter.hpp"

#include "graft/base/fail.hpp"

namespace graft {
inline namespace tflite {

Shape Emitter::shape(ops::ValueId value) const {
  const Shape rows = rows_of(value);
  Shape shape = rows.rank() > 0 ? rows : graph_.shape(value);
  if (shape.rank() > 0 && !fixed(value)) shape.set(0, -1);
  return shape;
}

const Shape& Emitter::shape_of(std::int32_t tensor) const {
  return model_.tensors[static_cast<std::size_t>(tensor)].shape;
}

std::string Emitter::unique(const std::string& wanted) {
  const int before = taken_[wanted]++;
  return before == 0 ? wanted : unique(cat(wanted, "_", before));
}

std::int32_t Emitter::add_tensor(formats::TfliteTensor tensor) {
  tensor.name = unique(tensor.name);
  model_.tensors.push_back(std::move(tensor));
  return static_cast<std::int32_t>(model_.tensors.size() - 1);
}

std::int32_t Emitter::add(TfliteOp op, Places inputs, const Shape& shape, const TfliteSettings& settings,
                          DType dtype) {
  const std::string layer = op_ == nullptr || op_->layer.empty() ? "" : op_->layer + "/";
  const std::int32_t y = add_tensor({.name = layer + formats::to_string(op),
                                     .shape = shape,
                                     .dtype = dtype,
                                     .value = {},
                                     .quantization = {}});
  model_.operators.push_back({.op = op, .inputs = std::move(inputs), .outputs = {y}, .settings = settings});
  facts_.layers.push_back(op_ == nullptr ? std::string() : op_->layer);
  return y;
}

void Emitter::define(ops::ValueId value, std::int32_t tensor) {
  known_.insert_or_assign(value, tensor);
  note_range(tensor, graph_.value(value).name);
}

// A tensor stands for several values where an activation is part of the operator: the last one counts.
void Emitter::note_range(std::int32_t tensor, const std::string& value) {
  if (!options_.int8) return;
  const auto found = options_.int8->ranges.find(value);
  if (found != options_.int8->ranges.end()) facts_.ranges.insert_or_assign(tensor, found->second);
}

std::int32_t Emitter::in(ops::ValueId value) {
  if (value == ops::kAbsent) return -1;
  if (const std::optional<Tensor> elements = fixed(value)) {
    const auto [place, added] = fixed_tensors_.emplace(value, 0);
    if (added) place->second = constant(*elements, name_of(value, "constant"));
    return place->second;
  }
  const auto found = known_.find(value);
  if (found == known_.end()) refuse("needs a value that only training computes");
  return found->second;
}

const Affine* Emitter::affine_after(ops::ValueId value) const {
  const auto found = affine_after_.find(value);
  return found == affine_after_.end() ? nullptr : &found->second;
}

std::string Emitter::name_of(ops::ValueId value, const char* other) const {
  const ops::WeightValue* weight = graph_.value(value).weight();
  if (weight != nullptr) return weight->variable->path();
  return op_ == nullptr || op_->layer.empty() ? other : cat(op_->layer, "/", other);
}

std::int32_t Emitter::constant(const Tensor& value, const std::string& name) {
  return add_tensor(
      {.name = name, .shape = value.shape(), .dtype = value.dtype(), .value = value, .quantization = {}});
}

std::int32_t Emitter::kernel(const Tensor& value, const std::string& name) {
  if (!options_.float16) return constant(value, name);
  return add(TfliteOp::dequantize, {constant(value.to(DType::float16), name)}, value.shape());
}

std::int32_t Emitter::number(float value) {
  const auto [place, added] = numbers_.emplace(value, 0);
  if (added) place->second = constant(Tensor::full(Shape(), value), cat("number_", value));
  return place->second;
}

std::int32_t Emitter::integers(const std::vector<std::int32_t>& values, const Shape& shape) {
  const auto [place, added] = integers_.emplace(std::pair(values, shape.sizes()), 0);
  if (added) place->second = constant(Tensor::from(shape, std::span<const std::int32_t>(values)), "sizes");
  return place->second;
}

std::int32_t Emitter::integers(const std::vector<std::int32_t>& values) {
  return integers(values, Shape{static_cast<std::int64_t>(values.size())});
}

void Emitter::refuse(const std::string& why) const {
  fail(ErrorKind::unsupported, "layer '", op_ == nullptr ? std::string() : op_->layer,
       "' cannot be exported to TensorFlow Lite: it ", why);
}

}  // namespace tflite
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include "onnx/export/emitter.hpp"

#include "graft/base/fail.hpp"
#include "graft/ops/permuted.hpp"

namespace graft {
inline namespace onnx {
namespace {

const std::vector<int> kToChannelsFirst{0, 3, 1, 2};
const std::vector<int> kToPlain{0, 2, 3, 1};

std::vector<std::int64_t> wide(const std::vector<int>& axes) { return {axes.begin(), axes.end()}; }

}  // namespace

void Emitter::begin(const ops::Op& op, bool half) {
  op_ = &op;
  half_ = half;
}

std::string Emitter::unique(const std::string& wanted) {
  const int before = taken_[wanted]++;
  return before == 0 ? wanted : unique(cat(wanted, "_", before));
}

std::string Emitter::add(const std::string& op, Names inputs, Attributes attributes) {
  const std::string layer = op_ == nullptr || op_->layer.empty() ? "" : op_->layer + "/";
  const std::string name = unique(layer + op);
  model_.nodes.push_back({.op = op,
                          .name = name,
                          .domain = {},
                          .inputs = std::move(inputs),
                          .outputs = {name + ":0"},
                          .attributes = std::move(attributes)});
  note_half(name + ":0", half_);
  return name + ":0";
}

std::string Emitter::cast(const std::string& name, bool half) {
  if (name.empty() || half_names_.contains(name) == half) return name;
  std::string& known = casts_[{name, half}];
  if (known.empty()) {
    const bool before = std::exchange(half_, half);
    known = add("Cast", {name}, {formats::OnnxAttribute::of("to", std::int64_t{half ? 10 : 1})});
    half_ = before;
  }
  return known;
}

std::string Emitter::in(ops::ValueId value, Layout layout) {
  if (value == ops::kAbsent) return {};
  if (!is_image(value)) layout = Layout::plain;
  if (const std::optional<Tensor> elements = fixed(value)) {
    std::string& name = fixed_names_[{value, layout, half_}];
    if (name.empty()) {
      const ops::WeightValue* weight = graph_.value(value).weight();
      name = constant(layout == Layout::plain ? *elements : ops::permuted(*elements, kToChannelsFirst),
                      weight != nullptr ? weight->variable->path() : "constant");
    }
    return name;
  }
  Known& known = known_[value];
  std::string& wanted = layout == Layout::plain ? known.plain : known.channels_first;
  if (wanted.empty()) {
    const std::string& other = layout == Layout::plain ? known.channels_first : known.plain;
    if (other.empty()) refuse("needs a value that only training computes");
    const bool before = std::exchange(half_, half_names_.contains(other));
    const std::vector<int>& axes = layout == Layout::plain ? kToPlain : kToChannelsFirst;
    wanted = add("Transpose", {other}, {formats::OnnxAttribute::of("perm", wide(axes))});
    half_ = before;
  }
  return cast(wanted, half_);
}

Layout Emitter::layout_of(ops::ValueId value) const {
  const auto found = known_.find(value);
  return found != known_.end() && !found->second.channels_first.empty() ? Layout::channels_first
                                                                        : Layout::plain;
}

void Emitter::define(ops::ValueId value, const std::string& name, Layout layout) {
  Known& known = known_[value];
  std::string& place = layout == Layout::plain ? known.plain : known.channels_first;
  place = name;
  if (!options_.int8) return;
  const auto kept = options_.int8->kept.find(graph_.value(value).name);
  if (kept != options_.int8->kept.end()) place = rounded(name, kept->second);
}

const Int8Grid* Emitter::int8_input(const ops::Op& op) const {
  if (!options_.int8 || !options_.int8->products.contains(op.layer)) return nullptr;
  const std::string& name = graph_.value(op.inputs[0]).name;
  for (const auto* grids : {&options_.int8->kept, &options_.int8->read}) {
    if (const auto found = grids->find(name); found != grids->end()) return &found->second;
  }
  return nullptr;
}

std::string Emitter::in_int8(ops::ValueId value, Layout layout) {
  std::string name = in(value, layout);
  const auto read = options_.int8->read.find(graph_.value(value).name);
  if (read == options_.int8->read.end()) return name;  // rounded where it was defined
  std::string& known = rounded_[name];
  if (known.empty()) known = rounded(name, read->second);
  return known;
}

std::string Emitter::rounded(const std::string& name, const Int8Grid& grid) {
  // One type for all: programs join a product only where its input and its result have the same. What would
  // be -127..127 has its zero at 128.
  std::string& zero = zeros_[grid.is_signed];
  if (zero.empty()) {
    zero = initializer(Tensor::full(Shape(), grid.is_signed ? 128 : 0).to(DType::uint8), "zero_point");
  }
  const std::string scale = number(grid.scale);
  return add("DequantizeLinear", {add("QuantizeLinear", {name, scale, zero}), scale, zero});
}

bool Emitter::is_half(ops::ValueId value) const {
  const auto found = known_.find(value);
  if (found == known_.end()) return false;
  return half_names_.contains(found->second.plain) || half_names_.contains(found->second.channels_first);
}

std::string Emitter::initializer(const Tensor& value, const std::string& name) {
  model_.initializers.push_back({unique(name), value});
  return model_.initializers.back().name;
}

std::string Emitter::constant(const Tensor& value, const std::string& name) {
  std::string made = initializer(half_ ? value.to(DType::float16) : value, name);
  note_half(made, half_);
  return made;
}

std::string Emitter::number(float value) {
  std::string& name = numbers_[{value, half_}];
  if (name.empty()) name = constant(Tensor::full(Shape(), value), cat("number_", value));
  return name;
}

std::string Emitter::integers(const std::vector<std::int64_t>& values) {
  std::string& name = integers_[values];
  if (name.empty()) {
    const Shape shape{static_cast<std::int64_t>(values.size())};
    name = initializer(Tensor::from(shape, std::span<const std::int64_t>(values)), "sizes");
  }
  return name;
}

void Emitter::refuse(const std::string& why) const {
  fail(ErrorKind::unsupported, "layer '", op_ == nullptr ? std::string() : op_->layer,
       "' cannot be exported to ONNX: it ", why);
}

}  // namespace onnx
}  // namespace graft

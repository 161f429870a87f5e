// SPDX-License-Identifier: Apache-2.0
#include "plan/value_memory.hpp"

#include <utility>

#include "graft/base/fail.hpp"

namespace graft::plan {

ValueMemory::ValueMemory(const Program& program, std::shared_ptr<Workspace> workspace)
    : program_(program),
      from_weights_(made_from_weights(program.graph)),
      needs_gradient_(needs_gradient(program.graph)),
      places_(plan_memory(program, from_weights_)),
      workspace_(workspace != nullptr ? std::move(workspace) : std::make_shared<Workspace>()),
      base_(roots_of_views(program.graph)),
      derived_(base_.size()) {}

std::byte* ValueMemory::pointer(ops::ValueId base) const {
  const ops::Value& value = program_.graph.value(base);
  if (value.is_input()) return nullptr;
  // Kernels read weights through const pointers, except those that update moving statistics.
  if (value.weight() != nullptr)
    return kernels::view_of(const_cast<Tensor&>(value.weight()->variable->value())).data;
  if (value.constant() != nullptr)
    return kernels::view_of(const_cast<Tensor&>(value.constant()->elements)).data;
  if (derived_[index(base)] != nullptr) return static_cast<std::byte*>(derived(base).memory.get());
  const std::size_t offset = places_.offset[index(base)];
  if (offset == MemoryPlan::kNoSlot) fail(ErrorKind::internal, "a computed value has no place in memory");
  return workspace_->reserve(bytes()) + offset;
}

kernels::MutableView ValueMemory::elements(ops::ValueId value) const {
  if (value == ops::kAbsent) return {};
  return {pointer(base_of(value)), program_.graph.value(value).dtype};
}

kernels::Argument ValueMemory::argument(ops::ValueId value, const Segment* segment) const {
  if (value == ops::kAbsent) return {.present = false};
  const ops::Value& entry = program_.graph.value(value);
  kernels::Argument argument{.shape = entry.shape, .dtype = entry.dtype, .scale = entry.scale};
  argument.constant = is_from_weights(value) && !(program_.training && needs_gradient_[index(value)]);
  if (segment != nullptr && !from_weights_[index(value)] && !is_summed(value))
    argument.shape.set(0, segment->samples);
  return argument;
}

std::ptrdiff_t ValueMemory::round_stride(ops::ValueId value, const Segment* segment) const {
  if (value == ops::kAbsent || segment == nullptr || from_weights_[index(value)]) return 0;
  if (is_summed(value) || program_.inside_segment[index(value)]) return 0;
  const kernels::Argument few = argument(value, segment);
  return static_cast<std::ptrdiff_t>(static_cast<std::size_t>(few.shape.count()) * size_of(few.dtype));
}

std::size_t ValueMemory::thread_stride(ops::ValueId value) const {
  return value == ops::kAbsent ? 0 : places_.thread_stride[index(value)];
}

Tensor ValueMemory::view(ops::ValueId value) const {
  const ops::ValueId base = base_of(value);
  const bool given = program_.graph.value(base).is_input();
  void* data = given ? static_cast<void*>(const_cast<float*>(given_.at(base))) : pointer(base);
  const auto& derived = derived_[index(base)];
  return Tensor::view(program_.graph.shape(value), program_.graph.value(value).dtype, data,
                      derived ? derived->memory : std::shared_ptr<void>(workspace_, workspace_.get()));
}

bool ValueMemory::give(ops::ValueId input, const float* data) {
  return std::exchange(given_[input], data) != data;
}

void ValueMemory::add_derived(const ops::Op& op) {
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    if (op.outputs[i] == ops::kAbsent) continue;
    derived_[index(op.outputs[i])] = workspace_->derived_weights().find_or_make(op, i, program_.graph);
  }
}

std::uint64_t ValueMemory::version(ops::ValueId value) const {
  const ops::Value& entry = program_.graph.value(value);
  if (entry.weight() != nullptr) return entry.weight()->variable->version();
  if (entry.constant() != nullptr) return 1;
  return derived(value).version;
}

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#include "plan/derived_weights.hpp"

#include <bit>

namespace graft::plan {

std::shared_ptr<DerivedWeight> DerivedWeights::find_or_make(const ops::Op& op, std::size_t output,
                                                            const ops::Graph& graph) {
  const ops::Value& value = graph.value(op.outputs[output]);
  const auto make = [&] {
    const std::size_t bytes = static_cast<std::size_t>(value.shape.count()) * size_of(value.dtype);
    return std::make_shared<DerivedWeight>(DerivedWeight{.memory = allocate_aligned(bytes)});
  };
  // Other ops are rare, or their results are small.
  const auto* fold = std::get_if<ops::FoldBatchNormalization>(&op.params);
  if (fold == nullptr) return make();
  // A live entry keeps its weights alive, so their addresses are valid keys.
  Key key{std::bit_cast<std::uint32_t>(fold->epsilon), output, static_cast<std::uintptr_t>(value.dtype)};
  for (const ops::ValueId input : op.inputs) {
    const ops::WeightValue* weight = input == ops::kAbsent ? nullptr : graph.value(input).weight();
    if (input != ops::kAbsent && weight == nullptr) return make();
    key.push_back(reinterpret_cast<std::uintptr_t>(weight == nullptr ? nullptr : weight->variable.get()));
  }
  std::weak_ptr<DerivedWeight>& known = known_[key];
  std::shared_ptr<DerivedWeight> found = known.lock();
  if (found == nullptr) known = found = make();
  return found;
}

}  // namespace graft::plan

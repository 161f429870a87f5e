// SPDX-License-Identifier: Apache-2.0
#include "saving/pairing/named_pairing.hpp"

#include <algorithm>
#include <unordered_map>

#include "saving/layouts.hpp"

namespace graft::saving {

bool pair_named(const Model& model, const formats::StoredTensors& tensors, StagedWeights& staged) {
  std::unordered_map<std::string_view, VariablePtr> wanted;
  const auto named = named_weights(model);
  for (const auto& [name, weight] : named) wanted.emplace(name, weight);
  const auto known = [&](const formats::StoredTensor& tensor) { return wanted.contains(tensor.path); };
  if (std::ranges::none_of(tensors, known)) return false;
  for (const formats::StoredTensor& tensor : tensors) {
    const auto found = wanted.find(tensor.path);
    if (found == wanted.end()) {
      staged.unused({tensor});
      continue;
    }
    staged.pair(found->second, tensor);
    wanted.erase(found);
  }
  for (const auto& [name, weight] : named) {
    if (wanted.contains(name)) staged.missing({weight});
  }
  return true;
}

}  // namespace graft::saving

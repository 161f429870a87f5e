// SPDX-License-Identifier: Apache-2.0
#include "saving/staged_weights.hpp"

#include "graft/base/error.hpp"

namespace graft::saving {

void StagedWeights::pair(const VariablePtr& weight, const formats::NamedTensor& found) {
  if (weight->shape() == found.tensor.shape()) {
    staged_.emplace_back(weight, found.tensor);
    report_.matched.push_back(weight->path());
    return;
  }
  if (!options_.skip_mismatch) {
    fail(ErrorKind::shape_mismatch, file_, ": weight ", found.path, " has shape ", found.tensor.shape(),
         ", but ", weight->path(), " of the model has ", weight->shape(),
         "; is it the same architecture and size? skip_mismatch leaves such weights as they are");
  }
  report_.shape_mismatch.push_back(weight->path());
}

void StagedWeights::pair_in_order(const std::string& layer, const std::vector<VariablePtr>& weights,
                                  const formats::NamedTensors& found) {
  if (weights.size() == found.size()) {
    for (std::size_t i = 0; i < weights.size(); ++i) pair(weights[i], found[i]);
    return;
  }
  if (!options_.skip_mismatch) {
    fail(ErrorKind::shape_mismatch, file_, ": layer '", layer, "' has ", weights.size(),
         " weights in the model and ", found.size(), " in the file (", found.empty() ? "" : found[0].path,
         ", ...)", "; do the layer's options agree, use_bias for one?");
  }
  missing(weights);
  unused(found);
}

void StagedWeights::missing(const std::vector<VariablePtr>& weights) {
  for (const VariablePtr& weight : weights) report_.missing.push_back(weight->path());
}

void StagedWeights::unused(const formats::NamedTensors& weights) {
  for (const formats::NamedTensor& weight : weights) report_.unused.push_back(weight.path);
}

LoadReport StagedWeights::apply() {
  // Conversions first: they may run out of memory, assigning does not fail.
  for (auto& [weight, tensor] : staged_) tensor = tensor.to(DType::float32);
  for (const auto& [weight, tensor] : staged_) weight->assign(tensor);
  staged_.clear();
  return std::move(report_);
}

}  // namespace graft::saving

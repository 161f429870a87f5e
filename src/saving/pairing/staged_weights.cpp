// SPDX-License-Identifier: Apache-2.0
#include "saving/pairing/staged_weights.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::saving {

void StagedWeights::pair(const VariablePtr& weight, const formats::StoredTensor& found) {
  if (weight->shape() == found.shape) {
    staged_.emplace_back(weight, found);
    report_.matched.push_back(weight->path());
    return;
  }
  if (!options_.skip_mismatch) {
    fail(ErrorKind::shape_mismatch, file_, ": weight ", found.path, " has shape ", found.shape, ", but ",
         weight->path(), " of the model has ", weight->shape(),
         "; is it the same architecture and size? skip_mismatch leaves such weights as they are");
  }
  report_.shape_mismatch.push_back(weight->path());
}

void StagedWeights::pair_in_order(const std::string& layer, const std::vector<VariablePtr>& weights,
                                  const formats::StoredTensors& found) {
  if (weights.size() == found.size()) {
    for (std::size_t i = 0; i < weights.size(); ++i) pair(weights[i], found[i]);
    return;
  }
  const bool lora = std::ranges::any_of(
      found, [](const auto& weight) { return weight.path.find("lora_kernel") != std::string::npos; });
  if (lora) {
    fail(ErrorKind::unsupported, file_, ": layer '", layer,
         "' was saved with enable_lora(), whose extra weights graft does not read; save the model as .keras, "
         "which "
         "stores their sum");
  }
  if (!options_.skip_mismatch) {
    fail(ErrorKind::shape_mismatch, file_, ": layer '", layer, "' has ", weights.size(),
         " weights in the model and ", found.size(), " in the file (", found.empty() ? "" : found[0].path,
         ", ...)", "; do the layer's options agree, use_bias for one?");
  }
  missing(weights);
  unused(found);
}

void StagedWeights::set(const VariablePtr& weight, const Tensor& value) {
  staged_.emplace_back(weight, formats::StoredTensor{.path = weight->path(),
                                                     .shape = value.shape(),
                                                     .dtype = DType::float32,
                                                     .fetch = [value](std::int64_t, Tensor& whole) {
                                                       whole.copy_from(value);
                                                     }});
}

void StagedWeights::from(const std::string& place) {
  if (!report_.place.empty() && !place.empty()) report_.place += ", ";
  report_.place += place;
}

void StagedWeights::missing(const std::vector<VariablePtr>& weights) {
  for (const VariablePtr& weight : weights) report_.missing.push_back(weight->path());
}

void StagedWeights::unused(const formats::StoredTensors& weights) {
  for (const formats::StoredTensor& weight : weights) report_.unused.push_back(weight.path);
}

LoadReport StagedWeights::apply() {
  // Reading comes first, for it may fail; giving a value away does not.
  std::vector<Tensor> values;
  values.reserve(staged_.size());
  for (const auto& [weight, tensor] : staged_) values.push_back(tensor.read().to(DType::float32));
  for (std::size_t i = 0; i < values.size(); ++i) {
    staged_[i].first->adopt(values[i]);
    values[i] = Tensor();  // where it was copied its memory is free for the next ones
  }
  staged_.clear();
  return std::move(report_);
}

}  // namespace graft::saving

// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/layer.hpp"

#include <algorithm>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"

namespace graft {

SymbolicTensor Layer::operator()(const SymbolicTensor& input, CallOptions options) const {
  return base_->call({input}, options).front();
}

SymbolicTensor Layer::operator()(const std::vector<SymbolicTensor>& inputs, CallOptions options) const {
  return base_->call(inputs, options).front();
}

const std::string& Layer::name() const { return base_->name(); }
const std::string& Layer::class_name() const { return base_->class_name(); }
bool Layer::trainable() const { return base_->trainable(); }
void Layer::set_trainable(bool trainable) { base_->set_trainable(trainable); }
std::vector<VariablePtr> Layer::weights() const { return base_->weights(); }
std::vector<VariablePtr> Layer::trainable_weights() const { return base_->trainable_weights(); }

std::vector<VariablePtr> Layer::non_trainable_weights() const {
  const std::vector<VariablePtr> trainable = trainable_weights();
  std::vector<VariablePtr> rest;
  for (const VariablePtr& weight : weights()) {
    if (std::find(trainable.begin(), trainable.end(), weight) == trainable.end()) rest.push_back(weight);
  }
  return rest;
}

std::int64_t Layer::count_params() const { return graft::count_params(weights()); }
Shape Layer::output_shape() const { return output().shape; }

SymbolicTensor Layer::output() const {
  if (base_->nodes().empty()) {
    fail(ErrorKind::not_found, class_name(), " '", name(),
         "' was never called on an input, so it has no output");
  }
  return {base_, 0, 0, base_->nodes().front().outputs.front()};
}

Json Layer::config() const { return base_->config(); }

std::int64_t count_params(const std::vector<VariablePtr>& weights) {
  std::int64_t total = 0;
  for (const VariablePtr& weight : weights) total += weight->count();
  return total;
}

}  // namespace graft

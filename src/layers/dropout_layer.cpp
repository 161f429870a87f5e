// SPDX-License-Identifier: Apache-2.0
#include "layers/dropout_layer.hpp"

#include "graft/base/fail.hpp"

namespace graft::layers {

DropoutLayer::DropoutLayer(const char* class_name, const std::string& name, const Rate& rate,
                           std::optional<std::uint64_t> seed)
    : LayerBase(class_name, name), rate_(rate.value), seed_(seed) {
  if (rate_ >= 0 && rate_ <= 1) return;
  fail(ErrorKind::invalid_argument, class_name, " '", this->name(), "': expected ", rate.option,
       " from 0 to 1, received ", rate_);
}

ops::ValueId DropoutLayer::lower(LowerContext& context, const std::vector<ops::ValueId>& inputs) const {
  if (!context.training || rate_ == 0) return inputs[0];
  const Shape shape = context.graph.shape(inputs[0]);
  const ops::Dropout dropout{
      .rate = static_cast<float>(rate_), .seed = seed_or_default(seed_), .shared_axes = shared_axes(shape)};
  return context.graph.add(dropout, inputs, shape);
}

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling.hpp"

namespace graft::layers {

Layer GlobalAveragePooling2D(GlobalAveragePooling2DOptions options) {
  return Layer(std::make_shared<GlobalPoolingLayer<GlobalAveragePooling2DOptions>>(
      "GlobalAveragePooling2D", ops::PoolKind::average, std::move(options)));
}

Layer global_average_pooling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return GlobalAveragePooling2D({.keepdims = reader.boolean("keepdims", false), .name = reader.name()});
}

}  // namespace graft::layers

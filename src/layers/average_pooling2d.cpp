// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling.hpp"

namespace graft::layers {

Layer AveragePooling2D(AveragePooling2DOptions options) {
  return Layer(std::make_shared<PoolingLayer<AveragePooling2DOptions>>(
      "AveragePooling2D", ops::PoolKind::average, std::move(options)));
}

Layer average_pooling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return AveragePooling2D({.pool_size = reader.size("pool_size", 2),
                           .strides = reader.size("strides", 0),
                           .padding = reader.padding(),
                           .name = reader.name()});
}

}  // namespace graft::layers

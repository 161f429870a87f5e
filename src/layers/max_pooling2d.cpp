// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling.hpp"

namespace graft::layers {

Layer MaxPooling2D(MaxPooling2DOptions options) {
  return Layer(std::make_shared<PoolingLayer<MaxPooling2DOptions>>("MaxPooling2D", ops::PoolKind::max,
                                                                   std::move(options)));
}

Layer max_pooling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return MaxPooling2D({.pool_size = reader.size("pool_size", 2),
                       .strides = reader.size("strides", 0),
                       .padding = reader.padding(),
                       .name = reader.name()});
}

}  // namespace graft::layers

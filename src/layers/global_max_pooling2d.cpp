// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling.hpp"

namespace graft::layers {

Layer GlobalMaxPooling2D(GlobalMaxPooling2DOptions options) {
  return Layer(std::make_shared<GlobalPoolingLayer<GlobalMaxPooling2DOptions>>(
      "GlobalMaxPooling2D", ops::PoolKind::max, std::move(options)));
}

Layer global_max_pooling2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return GlobalMaxPooling2D({.keepdims = reader.boolean("keepdims", false), .name = reader.name()});
}

}  // namespace graft::layers

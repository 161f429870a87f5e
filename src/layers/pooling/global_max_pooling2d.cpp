// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling/pooling_layer.hpp"

namespace graft::layers {

Layer GlobalMaxPooling2D(GlobalMaxPooling2DOptions options) {
  return Layer(std::make_shared<GlobalPoolingLayer<GlobalMaxPooling2DOptions>>(
      "GlobalMaxPooling2D", ops::PoolKind::max, std::move(options)));
}

constinit const LayerClass kGlobalMaxPooling2DClass =
    layer_class<kGlobalPoolingFields<GlobalMaxPooling2DOptions>, GlobalMaxPooling2D>("GlobalMaxPooling2D");

}  // namespace graft::layers

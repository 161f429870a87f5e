// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling/pooling_layer.hpp"

namespace graft::layers {

Layer AveragePooling2D(AveragePooling2DOptions options) {
  return Layer(std::make_shared<PoolingLayer<AveragePooling2DOptions>>(
      "AveragePooling2D", ops::PoolKind::average, std::move(options)));
}

constinit const LayerClass kAveragePooling2DClass =
    layer_class<kPoolingFields<AveragePooling2DOptions>, AveragePooling2D>("AveragePooling2D");

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling/pooling_layer.hpp"

namespace graft::layers {

Layer GlobalAveragePooling2D(GlobalAveragePooling2DOptions options) {
  return Layer(std::make_shared<GlobalPoolingLayer<GlobalAveragePooling2DOptions>>(
      "GlobalAveragePooling2D", ops::PoolKind::average, std::move(options)));
}

constinit const LayerClass kGlobalAveragePooling2DClass =
    layer_class<kGlobalPoolingFields<GlobalAveragePooling2DOptions>, GlobalAveragePooling2D>(
        "GlobalAveragePooling2D");

}  // namespace graft::layers

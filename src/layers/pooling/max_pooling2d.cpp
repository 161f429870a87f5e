// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/pooling.hpp"

#include "layers/pooling/pooling_layer.hpp"

namespace graft::layers {

Layer MaxPooling2D(MaxPooling2DOptions options) {
  return Layer(std::make_shared<PoolingLayer<MaxPooling2DOptions>>("MaxPooling2D", ops::PoolKind::max,
                                                                   std::move(options)));
}

constinit const LayerClass kMaxPooling2DClass =
    layer_class<kPoolingFields<MaxPooling2DOptions>, MaxPooling2D>("MaxPooling2D");

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
// The modules of transformers' MobileNet, MobileNetV2 and EfficientNet, which follow TensorFlow's networks,
// without the name of the network in front of them. Its ResNet and ConvNeXt are renamed to torchvision's.
#include "applications/torch/transformers_names.hpp"

#include "graft/base/fail.hpp"

#include "applications/torch/pairs.hpp"

namespace graft::applications {
namespace {

/// A convolution and its normalisation, as MobileNet's classes have them.
void add_unit(Pairs& pairs, const std::string& conv, const std::string& bn, const std::string& module) {
  pairs.add(conv, module + ".convolution");
  pairs.add(bn, module + ".normalization");
}

void add_mobilenet_v2_block(Pairs& pairs, const std::string& ours, const std::string& theirs) {
  add_unit(pairs, ours + "expand", ours + "expand_BN", theirs + "expand_1x1");
  add_unit(pairs, ours + "depthwise", ours + "depthwise_BN", theirs + "conv_3x3");
  add_unit(pairs, ours + "project", ours + "project_BN", theirs + "reduce_1x1");
}

}  // namespace

TorchModules transformers_mobilenet_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_mobilenet(pairs)) return {};
  add_unit(pairs, "conv1", "conv1_bn", "conv_stem");
  for (int block = 1; block <= 13; ++block) {
    const std::string depthwise = cat("conv_dw_", block);
    const std::string pointwise = cat("conv_pw_", block);
    add_unit(pairs, depthwise, depthwise + "_bn", cat("layer.", 2 * block - 2));
    add_unit(pairs, pointwise, pointwise + "_bn", cat("layer.", 2 * block - 1));
  }
  pairs.add("conv_preds", "classifier");
  return pairs.take();
}

TorchModules transformers_mobilenet_v2_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_mobilenet_v2(pairs)) return {};
  add_unit(pairs, "Conv1", "bn_Conv1", "conv_stem.first_conv");
  add_mobilenet_v2_block(pairs, mobilenet_v2_block(0), "conv_stem.");
  for (int block = 1; block <= 16; ++block)
    add_mobilenet_v2_block(pairs, mobilenet_v2_block(block), cat("layer.", block - 1, "."));
  add_unit(pairs, "Conv_1", "Conv_1_bn", "conv_1x1");
  pairs.add("predictions", "classifier");
  return pairs.take();
}

TorchModules transformers_efficientnet_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_efficientnet(pairs)) return {};
  pairs.add("stem_conv", "embeddings.convolution");
  pairs.add("stem_bn", "embeddings.batchnorm");
  int number = 0;  // its blocks count through
  for (int stage = 1; stage <= 7; ++stage) {
    for (int i = 0; pairs.has(efficientnet_block(stage, i) + "dwconv"); ++i) {
      const std::string ours = efficientnet_block(stage, i);
      const std::string theirs = cat("encoder.blocks.", number++, ".");
      pairs.add(ours + "expand_conv", theirs + "expansion.expand_conv");
      pairs.add(ours + "expand_bn", theirs + "expansion.expand_bn");
      pairs.add(ours + "dwconv", theirs + "depthwise_conv.depthwise_conv");
      pairs.add(ours + "bn", theirs + "depthwise_conv.depthwise_norm");
      pairs.add(ours + "se_reduce", theirs + "squeeze_excite.reduce");
      pairs.add(ours + "se_expand", theirs + "squeeze_excite.expand");
      pairs.add(ours + "project_conv", theirs + "projection.project_conv");
      pairs.add(ours + "project_bn", theirs + "projection.project_bn");
    }
  }
  pairs.add("top_conv", "encoder.top_conv");
  pairs.add("top_bn", "encoder.top_bn");
  pairs.add("predictions", "classifier");
  return pairs.take();
}

}  // namespace graft::applications

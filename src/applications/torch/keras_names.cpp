// SPDX-License-Identifier: Apache-2.0
#include "applications/torch/keras_names.hpp"

#include <vector>

#include "graft/base/fail.hpp"

#include "applications/torch/pairs.hpp"

namespace graft::applications {

TorchModules torchvision_vgg_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("block5_conv1") || pairs.has("block1_conv1_bn") || !pairs.has("block1_pool")) return {};
  int place = 0;  // within the Sequential "features", where each convolution's ReLU has one too
  for (int block = 1; block <= 5; ++block) {
    for (int i = 1; pairs.add(cat("block", block, "_conv", i), cat("features.", place)); ++i) place += 2;
    ++place;
  }
  pairs.add("fc1", "classifier.0");
  pairs.add("fc2", "classifier.3");
  pairs.add("predictions", "classifier.6");
  return pairs.take();
}

TorchModules torchvision_resnet_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("conv2_block1_3_conv") || pairs.has("conv2_block1_preact_bn")) return {};
  pairs.add("conv1_conv", "conv1");
  pairs.add("conv1_bn", "bn1");
  for (int stage = 1; stage <= 4; ++stage) {
    for (int i = 1; pairs.has(cat("conv", stage + 1, "_block", i, "_1_conv")); ++i) {
      const std::string ours = cat("conv", stage + 1, "_block", i, "_");
      const std::string theirs = cat("layer", stage, ".", i - 1, ".");
      for (int k = 1; k <= 3; ++k) {
        pairs.add(cat(ours, k, "_conv"), cat(theirs, "conv", k));
        pairs.add(cat(ours, k, "_bn"), cat(theirs, "bn", k));
      }
      pairs.add(ours + "0_conv", theirs + "downsample.0");
      pairs.add(ours + "0_bn", theirs + "downsample.1");
    }
  }
  pairs.add("predictions", "fc");
  return pairs.take();
}

TorchModules torchvision_densenet_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("conv2_block1_concat")) return {};
  pairs.add("conv1_conv", "features.conv0");
  pairs.add("conv1_bn", "features.norm0");
  for (int block = 1; block <= 4; ++block) {
    for (int i = 1; pairs.has(cat("conv", block + 1, "_block", i, "_1_conv")); ++i) {
      const std::string ours = cat("conv", block + 1, "_block", i, "_");
      const std::string theirs = cat("features.denseblock", block, ".denselayer", i, ".");
      pairs.add(ours + "0_bn", theirs + "norm1");
      pairs.add(ours + "1_conv", theirs + "conv1");
      pairs.add(ours + "1_bn", theirs + "norm2");
      pairs.add(ours + "2_conv", theirs + "conv2");
    }
    pairs.add(cat("pool", block + 1, "_bn"), cat("features.transition", block, ".norm"));
    pairs.add(cat("pool", block + 1, "_conv"), cat("features.transition", block, ".conv"));
  }
  pairs.add("bn", "features.norm5");
  pairs.add("predictions", "classifier");
  return pairs.take();
}

TorchModules torchvision_mobilenet_v2_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_mobilenet_v2(pairs)) return {};
  const auto unit = [&](const std::string& conv, const std::string& bn, const std::string& module) {
    pairs.add(conv, module + ".0");
    pairs.add(bn, module + ".1");
  };
  unit("Conv1", "bn_Conv1", "features.0");
  unit("expanded_conv_depthwise", "expanded_conv_depthwise_BN", "features.1.conv.0");
  pairs.add("expanded_conv_project", "features.1.conv.1");
  pairs.add("expanded_conv_project_BN", "features.1.conv.2");
  int block = 1;
  for (; pairs.has(cat("block_", block, "_expand")); ++block) {
    const std::string ours = cat("block_", block, "_");
    const std::string theirs = cat("features.", block + 1, ".conv.");
    unit(ours + "expand", ours + "expand_BN", theirs + "0");
    unit(ours + "depthwise", ours + "depthwise_BN", theirs + "1");
    pairs.add(ours + "project", theirs + "2");
    pairs.add(ours + "project_BN", theirs + "3");
  }
  unit("Conv_1", "Conv_1_bn", cat("features.", block + 1));
  pairs.add("predictions", "classifier.1");
  return pairs.take();
}

namespace {

/// Parts that a block does without have no place in torchvision's Sequential.
void add_inverted_residual(Pairs& pairs, const std::string& ours, const std::string& theirs,
                           const InvertedResidual& names) {
  int place = 0;
  if (pairs.add(cat(ours, names.expand), cat(theirs, place, ".0"))) {
    pairs.add(cat(ours, names.expand_bn), cat(theirs, place, ".1"));
    ++place;
  }
  if (pairs.add(cat(ours, names.depthwise), cat(theirs, place, ".0"))) {
    pairs.add(cat(ours, names.depthwise_bn), cat(theirs, place, ".1"));
    ++place;
  }
  if (pairs.add(cat(ours, names.squeeze), cat(theirs, place, ".fc1"))) {
    pairs.add(cat(ours, names.excite), cat(theirs, place, ".fc2"));
    ++place;
  }
  pairs.add(cat(ours, names.project), cat(theirs, place, ".0"));
  pairs.add(cat(ours, names.project_bn), cat(theirs, place, ".1"));
}

}  // namespace

TorchModules torchvision_efficientnet_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_efficientnet(pairs)) return {};
  pairs.add("stem_conv", "features.0.0");
  pairs.add("stem_bn", "features.0.1");
  for (int stage = 1; stage <= 7; ++stage) {
    for (int i = 0; pairs.has(efficientnet_block(stage, i) + "dwconv"); ++i) {
      add_inverted_residual(pairs, efficientnet_block(stage, i), cat("features.", stage, ".", i, ".block."),
                            kEfficientNetBlock);
    }
  }
  pairs.add("top_conv", "features.8.0");
  pairs.add("top_bn", "features.8.1");
  pairs.add("predictions", "classifier.1");
  return pairs.take();
}

TorchModules torchvision_efficientnet_v2_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("block4a_dwconv2") || !pairs.has("stem_conv")) return {};
  pairs.add("stem_conv", "features.0.0");
  pairs.add("stem_bn", "features.0.1");
  int stage = 1;
  for (; pairs.has(efficientnet_block(stage, 0) + "project_conv"); ++stage) {
    for (int i = 0; pairs.has(efficientnet_block(stage, i) + "project_conv"); ++i) {
      add_inverted_residual(pairs, efficientnet_block(stage, i), cat("features.", stage, ".", i, ".block."),
                            kEfficientNetV2Block);
    }
  }
  pairs.add("top_conv", cat("features.", stage, ".0"));
  pairs.add("top_bn", cat("features.", stage, ".1"));
  pairs.add("predictions", "classifier.1");
  return pairs.take();
}

TorchModules torchvision_mobilenet_v3_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("expanded_conv_depthwise") || !pairs.has("conv_1_bn")) return {};
  pairs.add("conv", "features.0.0");
  pairs.add("conv_bn", "features.0.1");
  int block = 0;
  for (; pairs.has(mobilenet_v3_block(block) + "depthwise"); ++block)
    add_inverted_residual(pairs, mobilenet_v3_block(block), cat("features.", block + 1, ".block."),
                          kMobileNetV3Block);
  pairs.add("conv_1", cat("features.", block + 1, ".0"));
  pairs.add("conv_1_bn", cat("features.", block + 1, ".1"));
  pairs.add("conv_2", "classifier.0");
  pairs.add("logits", "classifier.3");
  return pairs.take();
}

namespace {

/// An inception module of torchvision's and its units in the order in which Keras makes them.
struct Mixed {
  std::string_view module;
  std::vector<std::string_view> units;
};

std::vector<std::string> inception_units() {
  const std::vector<std::string_view> wide{"branch1x1",      "branch5x5_1",    "branch5x5_2",
                                           "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3",
                                           "branch_pool"};
  const std::vector<std::string_view> rows{
      "branch1x1",      "branch7x7_1",    "branch7x7_2",    "branch7x7_3",    "branch7x7dbl_1",
      "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5", "branch_pool"};
  const std::vector<std::string_view> last{"branch1x1",       "branch3x3_1",     "branch3x3_2a",
                                           "branch3x3_2b",    "branch3x3dbl_1",  "branch3x3dbl_2",
                                           "branch3x3dbl_3a", "branch3x3dbl_3b", "branch_pool"};
  const std::vector<Mixed> modules{
      {"Mixed_5b", wide},
      {"Mixed_5c", wide},
      {"Mixed_5d", wide},
      {"Mixed_6a", {"branch3x3", "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"}},
      {"Mixed_6b", rows},
      {"Mixed_6c", rows},
      {"Mixed_6d", rows},
      {"Mixed_6e", rows},
      {"Mixed_7a",
       {"branch3x3_1", "branch3x3_2", "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"}},
      {"Mixed_7b", last},
      {"Mixed_7c", last}};
  std::vector<std::string> units{"Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1",
                                 "Conv2d_4a_3x3"};
  for (const Mixed& mixed : modules) {
    for (const std::string_view unit : mixed.units) units.push_back(cat(mixed.module, ".", unit));
  }
  return units;
}

}  // namespace

TorchModules torchvision_inception_v3_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("mixed0") || !pairs.has("mixed10") || !pairs.has("mixed9_1")) return {};
  add_units(pairs, model, inception_units());
  pairs.add("predictions", "fc");
  return pairs.take();
}

}  // namespace graft::applications

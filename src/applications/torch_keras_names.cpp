// SPDX-License-Identifier: Apache-2.0
#include "applications/torch_keras_names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "graft/base/error.hpp"

namespace graft::applications {
namespace {

/// Collects pairs of layer and module, of those layers that the model has.
class Pairs {
 public:
  explicit Pairs(const Model& model) {
    for (const Layer& layer : model.layers()) names_.insert(layer.name());
  }

  [[nodiscard]] bool has(const std::string& layer) const { return names_.contains(layer); }
  /// Says whether the model has the layer.
  bool add(const std::string& layer, const std::string& module) {
    if (!has(layer)) return false;
    modules_[layer] = module;
    return true;
  }
  [[nodiscard]] TorchModules take() { return std::move(modules_); }

 private:
  std::set<std::string> names_;
  TorchModules modules_;
};

}  // namespace

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
  if (!pairs.has("expanded_conv_depthwise") || !pairs.has("block_16_expand")) return {};
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

/// What Keras calls the layers of an inverted residual, after the block's name.
struct InvertedResidual {
  std::string_view expand, expand_bn, depthwise, depthwise_bn, squeeze, excite, project, project_bn;
};
constexpr InvertedResidual kEfficientNetBlock{"expand_conv", "expand_bn", "dwconv",       "bn",
                                              "se_reduce",   "se_expand", "project_conv", "project_bn"};
constexpr InvertedResidual kMobileNetV3Block{"expand",       "expand_bn",           "depthwise",
                                             "depthwise_bn", "squeeze_excite_conv", "squeeze_excite_conv_1",
                                             "project",      "project_bn"};

/// Parts that a block does without have no place in torchvision's Sequential.
void add_inverted_residual(Pairs& pairs, const std::string& ours, const std::string& theirs,
                           const InvertedResidual& names) {
  int place = 0;
  if (pairs.add(cat(ours, names.expand), cat(theirs, place, ".0"))) {
    pairs.add(cat(ours, names.expand_bn), cat(theirs, place, ".1"));
    ++place;
  }
  pairs.add(cat(ours, names.depthwise), cat(theirs, place, ".0"));
  pairs.add(cat(ours, names.depthwise_bn), cat(theirs, place, ".1"));
  ++place;
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
  if (!pairs.has("stem_conv") || !pairs.has("block1a_se_reduce") || !pairs.has("block7a_expand_conv"))
    return {};
  pairs.add("stem_conv", "features.0.0");
  pairs.add("stem_bn", "features.0.1");
  for (int stage = 1; stage <= 7; ++stage) {
    for (int i = 0; pairs.has(cat("block", stage, static_cast<char>('a' + i), "_dwconv")); ++i) {
      add_inverted_residual(pairs, cat("block", stage, static_cast<char>('a' + i), "_"),
                            cat("features.", stage, ".", i, ".block."), kEfficientNetBlock);
    }
  }
  pairs.add("top_conv", "features.8.0");
  pairs.add("top_bn", "features.8.1");
  pairs.add("predictions", "classifier.1");
  return pairs.take();
}

TorchModules torchvision_mobilenet_v3_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("expanded_conv_depthwise") || !pairs.has("conv_1_bn")) return {};
  pairs.add("conv", "features.0.0");
  pairs.add("conv_bn", "features.0.1");
  const auto name = [](int block) {
    return block == 0 ? std::string("expanded_conv_") : cat("expanded_conv_", block, "_");
  };
  int block = 0;
  for (; pairs.has(name(block) + "depthwise"); ++block)
    add_inverted_residual(pairs, name(block), cat("features.", block + 1, ".block."), kMobileNetV3Block);
  pairs.add("conv_1", cat("features.", block + 1, ".0"));
  pairs.add("conv_1_bn", cat("features.", block + 1, ".1"));
  pairs.add("conv_2", "classifier.0");
  pairs.add("logits", "classifier.3");
  return pairs.take();
}

namespace {

/// The number that Keras gave a layer of an automatic name: 0 for conv2d, 3 for conv2d_3.
int number_of(const std::string& name) {
  const std::size_t bar = name.rfind('_');
  int number = 0;
  if (bar != std::string::npos) std::from_chars(name.data() + bar + 1, name.data() + name.size(), number);
  return number;
}

/// Names of the layers of a class, in the order in which they were made.
std::vector<std::string> in_order(const Model& model, std::string_view class_name) {
  std::vector<std::string> names;
  for (const Layer& layer : model.layers()) {
    if (layer.class_name() == class_name) names.push_back(layer.name());
  }
  std::ranges::sort(names, {}, number_of);
  return names;
}

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

/// As many layers as there are units, in order: the n-th is the unit's part. Layers beyond, as of a head put
/// on later, have no module.
void add_units(Pairs& pairs, const std::vector<std::string>& layers, const std::vector<std::string>& units,
               std::string_view part) {
  for (std::size_t i = 0; i < std::min(units.size(), layers.size()); ++i)
    pairs.add(layers[i], cat(units[i], ".", part));
}

}  // namespace

TorchModules torchvision_inception_v3_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("mixed0") || !pairs.has("mixed10") || !pairs.has("mixed9_1")) return {};
  const std::vector<std::string> units = inception_units();
  add_units(pairs, in_order(model, "Conv2D"), units, "conv");
  add_units(pairs, in_order(model, "BatchNormalization"), units, "bn");
  pairs.add("predictions", "fc");
  return pairs.take();
}

}  // namespace graft::applications

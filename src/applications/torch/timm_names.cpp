// SPDX-License-Identifier: Apache-2.0
// timm's modules of the networks that have Keras's or torchvision's layer names. Of ResNet, DenseNet and
// InceptionV3 timm has torchvision's own names.
#include "applications/torch/timm_names.hpp"

#include <array>
#include <initializer_list>
#include <span>
#include <vector>

#include "graft/base/fail.hpp"

#include "applications/torch/keras_names.hpp"
#include "applications/torch/pairs.hpp"

namespace graft::applications {
namespace {

/// What Keras calls the layers before and after the blocks.
struct Outside {
  std::string_view stem, stem_bn, head, head_bn, classifier;
};
constexpr Outside kEfficientNet{"stem_conv", "stem_bn", "top_conv", "top_bn", "predictions"};
constexpr Outside kMobileNetV2{"Conv1", "bn_Conv1", "Conv_1", "Conv_1_bn", "predictions"};
constexpr Outside kMobileNet{"conv1", "conv1_bn", "", "", "conv_preds"};
constexpr Outside kMobileNetV3{"conv", "conv_bn", "conv_2", "", "logits"};

void add_outside(Pairs& pairs, const Outside& ours) {
  pairs.add(std::string(ours.stem), "conv_stem");
  pairs.add(std::string(ours.stem_bn), "bn1");
  pairs.add(std::string(ours.head), "conv_head");
  pairs.add(std::string(ours.head_bn), "bn2");
  pairs.add(std::string(ours.classifier), "classifier");
}

/// A block numbers its normalisations through; what the last convolution is called depends on what is before
/// it. Fused blocks have no depthwise convolution.
void add_block(Pairs& pairs, const std::string& ours, const std::string& theirs,
               const InvertedResidual& names) {
  int normalisation = 1;
  const auto unit = [&](std::string_view conv, std::string_view bn, const char* module) {
    if (!pairs.add(cat(ours, conv), theirs + module)) return;
    pairs.add(cat(ours, bn), cat(theirs, "bn", normalisation++));
  };
  const bool fused = !pairs.has(cat(ours, names.depthwise));
  const bool widens = pairs.has(cat(ours, names.expand));
  unit(names.expand, names.expand_bn, fused ? "conv_exp" : "conv_pw");
  unit(names.depthwise, names.depthwise_bn, "conv_dw");
  pairs.add(cat(ours, names.squeeze), theirs + "se.conv_reduce");
  pairs.add(cat(ours, names.excite), theirs + "se.conv_expand");
  const char* narrow = fused ? "conv" : "conv_pw";
  unit(names.project, names.project_bn, widens ? "conv_pwl" : narrow);
}

/// timm groups the blocks by stages, Keras counts them through.
template <typename AddBlock>
void for_each_block(std::span<const int> stages, const AddBlock& add) {
  int number = 0;
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    for (int i = 0; i < stages[stage]; ++i) add(number++, cat("blocks.", stage, ".", i, "."));
  }
}

constexpr std::array kMobileNetStages{1, 2, 2, 6, 2};
constexpr std::array kMobileNetV2Stages{1, 2, 3, 4, 3, 3, 1};
constexpr std::array kMobileNetV3SmallStages{1, 2, 3, 2, 3};
constexpr std::array kMobileNetV3LargeStages{1, 2, 3, 4, 2, 3};

}  // namespace

TorchModules timm_efficientnet_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_any_efficientnet(pairs)) return {};
  add_outside(pairs, kEfficientNet);
  const bool second = pairs.has("block4a_dwconv2");
  for (int stage = 1; stage <= 7; ++stage) {
    for (int i = 0; pairs.has(efficientnet_block(stage, i) + "project_conv"); ++i) {
      add_block(pairs, efficientnet_block(stage, i), cat("blocks.", stage - 1, ".", i, "."),
                second ? kEfficientNetV2Block : kEfficientNetBlock);
    }
  }
  return pairs.take();
}

TorchModules timm_mobilenet_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_mobilenet(pairs)) return {};
  add_outside(pairs, kMobileNet);
  for_each_block(kMobileNetStages, [&](int block, const std::string& theirs) {
    const std::string depthwise = cat("conv_dw_", block + 1);
    const std::string pointwise = cat("conv_pw_", block + 1);
    pairs.add(depthwise, theirs + "conv_dw");
    pairs.add(depthwise + "_bn", theirs + "bn1");
    pairs.add(pointwise, theirs + "conv_pw");
    pairs.add(pointwise + "_bn", theirs + "bn2");
  });
  return pairs.take();
}

TorchModules timm_mobilenet_v2_modules(const Model& model) {
  Pairs pairs(model);
  if (!is_mobilenet_v2(pairs)) return {};
  add_outside(pairs, kMobileNetV2);
  for_each_block(kMobileNetV2Stages, [&](int block, const std::string& theirs) {
    add_block(pairs, mobilenet_v2_block(block), theirs, kMobileNetV2Block);
  });
  return pairs.take();
}

TorchModules timm_mobilenet_v3_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("expanded_conv_depthwise") || !pairs.has("expanded_conv_10_expand")) return {};
  add_outside(pairs, kMobileNetV3);
  const bool large = pairs.has("expanded_conv_14_expand");
  const std::span<const int> stages =
      large ? std::span<const int>(kMobileNetV3LargeStages) : std::span<const int>(kMobileNetV3SmallStages);
  for_each_block(stages, [&](int block, const std::string& theirs) {
    add_block(pairs, mobilenet_v3_block(block), theirs, kMobileNetV3Block);
  });
  const std::string last = cat("blocks.", stages.size(), ".0.");
  pairs.add("conv_1", last + "conv");
  pairs.add("conv_1_bn", last + "bn1");
  return pairs.take();
}

TorchModules timm_vgg_modules(const Model& model) {
  TorchModules modules = torchvision_vgg_modules(model);
  if (modules.empty()) modules = torchvision_modules(model);
  // AlexNet's first kernel is not followed by one of 3 x 3; its hidden layers are numbered otherwise.
  if (modules.contains("classifier_1")) return {};
  bool vgg = false;
  for (auto& [layer, module] : modules) {
    vgg = vgg || module == "features.0";
    if (module == "classifier.0") module = "pre_logits.fc1";
    if (module == "classifier.3") module = "pre_logits.fc2";
    if (module == "classifier.6") module = "head.fc";
  }
  return vgg ? modules : TorchModules{};
}

TorchModules timm_xception_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("block14_sepconv2") || !pairs.has("block4_sepconv1")) return {};
  pairs.add("block1_conv1", "conv1");
  pairs.add("block1_conv1_bn", "bn1");
  pairs.add("block1_conv2", "conv2");
  pairs.add("block1_conv2_bn", "bn2");
  for (int block = 2; block <= 13; ++block) {
    // Each convolution follows a ReLU, which has its own place, except in the first block.
    int place = block == 2 ? 0 : 1;
    for (int i = 1; pairs.has(cat("block", block, "_sepconv", i)); ++i) {
      const std::string ours = cat("block", block, "_sepconv", i);
      pairs.add(ours, cat("block", block - 1, ".rep.", place));
      pairs.add(ours + "_bn", cat("block", block - 1, ".rep.", place + 1));
      place += 3;
    }
  }
  // The ways past the halving blocks are the only layers with automatic names.
  constexpr std::array kHalving{1, 2, 3, 12};
  const std::vector<std::string> convolutions = automatic_layers(model, "Conv2D", "conv2d");
  const std::vector<std::string> normalisations =
      automatic_layers(model, "BatchNormalization", "batch_normalization");
  for (std::size_t i = 0; i < kHalving.size(); ++i) {
    if (i < convolutions.size()) pairs.add(convolutions[i], cat("block", kHalving[i], ".skip"));
    if (i < normalisations.size()) pairs.add(normalisations[i], cat("block", kHalving[i], ".skipbn"));
  }
  for (const int i : {1, 2}) {
    pairs.add(cat("block14_sepconv", i), cat("conv", i + 2));
    pairs.add(cat("block14_sepconv", i, "_bn"), cat("bn", i + 2));
  }
  pairs.add("predictions", "fc");
  return pairs.take();
}

namespace {

/// A module's units in the order in which Keras makes them.
void append_units(std::vector<std::string>& units, const std::string& module,
                  std::initializer_list<std::string_view> branches) {
  for (const std::string_view branch : branches) units.push_back(cat(module, ".", branch));
}

std::vector<std::string> inception_resnet_units() {
  std::vector<std::string> units{"conv2d_1a", "conv2d_2a", "conv2d_2b", "conv2d_3b", "conv2d_4a"};
  append_units(units, "mixed_5b",
               {"branch0", "branch1.0", "branch1.1", "branch2.0", "branch2.1", "branch2.2", "branch3.1"});
  for (int i = 0; i < 10; ++i) {
    append_units(units, cat("repeat.", i),
                 {"branch0", "branch1.0", "branch1.1", "branch2.0", "branch2.1", "branch2.2"});
  }
  append_units(units, "mixed_6a", {"branch0", "branch1.0", "branch1.1", "branch1.2"});
  for (int i = 0; i < 20; ++i)
    append_units(units, cat("repeat_1.", i), {"branch0", "branch1.0", "branch1.1", "branch1.2"});
  append_units(units, "mixed_7a",
               {"branch0.0", "branch0.1", "branch1.0", "branch1.1", "branch2.0", "branch2.1", "branch2.2"});
  for (int i = 0; i < 10; ++i) {
    append_units(units, i == 9 ? std::string("block8") : cat("repeat_2.", i),
                 {"branch0", "branch1.0", "branch1.1", "branch1.2"});
  }
  return units;
}

}  // namespace

TorchModules timm_inception_resnet_v2_modules(const Model& model) {
  Pairs pairs(model);
  if (!pairs.has("block35_1_mixed") || !pairs.has("block8_10_mixed")) return {};
  add_units(pairs, model, inception_resnet_units());
  for (int i = 0; i < 10; ++i) pairs.add(cat("block35_", i + 1, "_conv"), cat("repeat.", i, ".conv2d"));
  for (int i = 0; i < 20; ++i) pairs.add(cat("block17_", i + 1, "_conv"), cat("repeat_1.", i, ".conv2d"));
  for (int i = 0; i < 9; ++i) pairs.add(cat("block8_", i + 1, "_conv"), cat("repeat_2.", i, ".conv2d"));
  pairs.add("block8_10_conv", "block8.conv2d");
  pairs.add("conv_7b", "conv2d_7b.conv");
  pairs.add("conv_7b_bn", "conv2d_7b.bn");
  pairs.add("predictions", "classif");
  return pairs.take();
}

}  // namespace graft::applications

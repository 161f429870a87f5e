// SPDX-License-Identifier: Apache-2.0
// What the tables of PyTorch's names for Keras-named networks are made with.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/models/find_layer.hpp"

#include "applications/torch/definitions.hpp"

namespace graft::applications {

/// Collects pairs of layer and module, of those layers that the model has, nested ones included.
class Pairs {
 public:
  explicit Pairs(const Model& model) {
    for (const models::FoundLayer& found : models::all_layers(model)) names_.insert(found.layer.name());
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

// Which network it is, by the names of its layers.

[[nodiscard]] inline bool is_mobilenet(const Pairs& pairs) {
  return pairs.has("conv_dw_13") && pairs.has("conv_pw_13");
}
[[nodiscard]] inline bool is_mobilenet_v2(const Pairs& pairs) {
  return pairs.has("expanded_conv_depthwise") && pairs.has("block_16_expand");
}
/// EfficientNetB0 to B7: V2 and Lite have no squeeze-and-excitation in the first block.
[[nodiscard]] inline bool is_efficientnet(const Pairs& pairs) {
  return pairs.has("stem_conv") && pairs.has("block1a_se_reduce") && pairs.has("block7a_expand_conv");
}
/// B0 to B7, V2 or Lite.
[[nodiscard]] inline bool is_any_efficientnet(const Pairs& pairs) {
  return pairs.has("stem_conv") && pairs.has("block1a_project_conv");
}

/// The layers of a class that Keras named by itself, stem and number, in the order in which they were made.
[[nodiscard]] std::vector<std::string> automatic_layers(const Model& model, std::string_view class_name,
                                                        std::string_view stem);

/// The n-th convolution and the n-th normalisation of automatic names are UNIT.conv and UNIT.bn of the n-th
/// unit. Layers beyond, as of a head put on later, have no module.
void add_units(Pairs& pairs, const Model& model, const std::vector<std::string>& units);

/// What Keras calls the layers of an inverted residual, after the block's name.
struct InvertedResidual {
  std::string_view expand, expand_bn, depthwise, depthwise_bn, squeeze, excite, project, project_bn;
};
inline constexpr InvertedResidual kEfficientNetBlock{
    "expand_conv", "expand_bn", "dwconv", "bn", "se_reduce", "se_expand", "project_conv", "project_bn"};
inline constexpr InvertedResidual kEfficientNetV2Block{
    "expand_conv", "expand_bn", "dwconv2", "bn", "se_reduce", "se_expand", "project_conv", "project_bn"};
inline constexpr InvertedResidual kMobileNetV2Block{"expand", "expand_BN", "depthwise", "depthwise_BN",
                                                    "",       "",          "project",   "project_BN"};
inline constexpr InvertedResidual kMobileNetV3Block{
    "expand",  "expand_bn", "depthwise", "depthwise_bn", "squeeze_excite_conv", "squeeze_excite_conv_1",
    "project", "project_bn"};

/// "block2a_" for the first block of stage 2.
[[nodiscard]] inline std::string efficientnet_block(int stage, int index) {
  return cat("block", stage, static_cast<char>('a' + index), "_");
}
/// "block_1_", and what Keras calls block 0.
[[nodiscard]] inline std::string mobilenet_v2_block(int block) {
  return block == 0 ? std::string("expanded_conv_") : cat("block_", block, "_");
}
[[nodiscard]] inline std::string mobilenet_v3_block(int block) {
  return block == 0 ? std::string("expanded_conv_") : cat("expanded_conv_", block, "_");
}

}  // namespace graft::applications

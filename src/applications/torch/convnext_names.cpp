// SPDX-License-Identifier: Apache-2.0
// ConvNeXt's modules, as three publishers name them: the same layers in the same order.
#include "graft/base/fail.hpp"

#include "applications/torch/pairs.hpp"
#include "applications/torch/timm_names.hpp"

namespace graft::applications {
namespace {

/// After the block's module. LayerScale is not a module: its name is the tensor's.
struct BlockNames {
  std::string_view depthwise, norm, widen, narrow, scale;
};
struct Publisher {
  std::string (*patches)(int stage);  ///< before the stage: ".0" and ".1" are its two layers
  std::string (*block)(int stage, int index);
  BlockNames inside;
  std::string_view norm, classifier;
};

constexpr Publisher kTimm{
    .patches =
        [](int stage) { return stage == 0 ? std::string("stem.") : cat("stages.", stage, ".downsample."); },
    .block = [](int stage, int index) { return cat("stages.", stage, ".blocks.", index, "."); },
    .inside = {"conv_dw", "norm", "mlp.fc1", "mlp.fc2", "gamma"},
    .norm = "head.norm",
    .classifier = "head.fc"};
constexpr Publisher kTorchvision{
    .patches = [](int stage) { return cat("features.", 2 * stage, "."); },
    .block = [](int stage, int index) { return cat("features.", 2 * stage + 1, ".", index, "."); },
    .inside = {"block.0", "block.2", "block.3", "block.5", "layer_scale"},
    .norm = "classifier.0",
    .classifier = "classifier.2"};
constexpr Publisher kAuthors{
    .patches = [](int stage) { return cat("downsample_layers.", stage, "."); },
    .block = [](int stage, int index) { return cat("stages.", stage, ".", index, "."); },
    .inside = {"dwconv", "norm", "pwconv1", "pwconv2", "gamma"},
    .norm = "norm",
    .classifier = "head"};

/// "convnext_tiny" of the layer "convnext_tiny_stage_0_block_0_depthwise_conv"; empty without one such.
std::string prefix_of(const Model& model) {
  constexpr std::string_view kFirst = "_stage_0_block_0_depthwise_conv";
  for (const models::FoundLayer& found : models::all_layers(model)) {
    const std::string name = found.layer.name();
    if (name.ends_with(kFirst)) return name.substr(0, name.size() - kFirst.size());
  }
  return "";
}

/// Without the top Keras's last normalisation has an automatic name.
std::string last_normalisation(const Model& model, const std::string& prefix) {
  std::string last = prefix + "_head_layernorm";
  for (const models::FoundLayer& found : models::all_layers(model)) {
    const std::string name = found.layer.name();
    if (found.layer.class_name() == "LayerNormalization" && name.starts_with("layer_normalization"))
      last = name;
  }
  return last;
}

TorchModules modules_of(const Model& model, const Publisher& publisher) {
  Pairs pairs(model);
  const std::string prefix = prefix_of(model);
  if (prefix.empty()) return {};
  pairs.add(prefix + "_stem_conv", publisher.patches(0) + "0");
  pairs.add(prefix + "_stem_layernorm", publisher.patches(0) + "1");
  for (int stage = 0; stage < 4; ++stage) {
    pairs.add(cat(prefix, "_downsampling_layernorm_", stage), publisher.patches(stage + 1) + "0");
    pairs.add(cat(prefix, "_downsampling_conv_", stage), publisher.patches(stage + 1) + "1");
    for (int i = 0; pairs.has(cat(prefix, "_stage_", stage, "_block_", i, "_depthwise_conv")); ++i) {
      const std::string ours = cat(prefix, "_stage_", stage, "_block_", i, "_");
      const std::string theirs = publisher.block(stage, i);
      pairs.add(ours + "depthwise_conv", cat(theirs, publisher.inside.depthwise));
      pairs.add(ours + "layernorm", cat(theirs, publisher.inside.norm));
      pairs.add(ours + "pointwise_conv_1", cat(theirs, publisher.inside.widen));
      pairs.add(ours + "pointwise_conv_2", cat(theirs, publisher.inside.narrow));
      pairs.add(ours + "layer_scale", cat(theirs, publisher.inside.scale));
    }
  }
  pairs.add(last_normalisation(model, prefix), std::string(publisher.norm));
  pairs.add(prefix + "_head_dense", std::string(publisher.classifier));
  return pairs.take();
}

}  // namespace

TorchModules timm_convnext_modules(const Model& model) { return modules_of(model, kTimm); }
TorchModules torchvision_convnext_modules(const Model& model) { return modules_of(model, kTorchvision); }
TorchModules authors_convnext_modules(const Model& model) { return modules_of(model, kAuthors); }

}  // namespace graft::applications

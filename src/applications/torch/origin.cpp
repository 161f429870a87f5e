// SPDX-License-Identifier: Apache-2.0
// Facts that a state_dict does not contain: the arithmetic it belongs to, and how its network's pixels are
// scaled.
#include <algorithm>
#include <cctype>

#include "graft/applications/torch_names.hpp"
#include "graft/models/find_layer.hpp"

#include "applications/imagenet_statistics.hpp"
#include "applications/torch/pairs.hpp"

namespace graft::applications {
namespace {

/// "tf_" where a word begins, as in "models--timm--tf_efficientnet_b0.ns_jft_in1k" but not in "leftf_".
bool says_tensorflow(std::string_view origin) {
  constexpr std::string_view kMark = "tf_";
  for (std::size_t at = origin.find(kMark); at != std::string_view::npos; at = origin.find(kMark, at + 1)) {
    const bool begins = at == 0 || std::isalnum(static_cast<unsigned char>(origin[at - 1])) == 0;
    if (begins) return true;
  }
  return false;
}

}  // namespace

Definition torch_definition(std::span<const std::string> names, std::string_view origin) {
  const auto has = [&](std::string_view name) {
    // A trainer may have put something before all names: "model.conv_stem.weight".
    return std::ranges::any_of(names, [&](const std::string& found) {
      return found == name || (found.ends_with(name) && found[found.size() - name.size() - 1] == '.');
    });
  };
  if (has("_conv_stem.weight")) return Definition::keras;  // efficientnet_lite_pytorch, after TensorFlow's
  // transformers' MobileNet, MobileNetV2 and EfficientNet have TensorFlow's arithmetic.
  for (const char* stem : {"conv_stem.convolution.weight", "conv_stem.first_conv.convolution.weight"})
    if (has(stem)) return Definition::keras;
  if (has("embeddings.convolution.weight") && has("encoder.top_conv.weight")) return Definition::keras;
  if (!has("conv_stem.weight")) return Definition::torch;
  return says_tensorflow(origin) ? Definition::keras : Definition::timm;
}

std::vector<PixelStatistic> torch_pixel_statistics(const Model& model) {
  if (!is_any_efficientnet(Pairs(model))) return {};
  const std::vector<models::FoundLayer> layers = models::all_layers(model);
  std::vector<PixelStatistic> result;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i].layer;
    const std::vector<VariablePtr> weights = layer.weights();  // mean, variance, count
    if (layer.class_name() != "Normalization" || weights.size() < 2 || weights[0]->shape() != Shape{3})
      continue;
    // With its published weights Keras's EfficientNet divides by the deviation's root once more afterwards.
    const bool divided_again = i + 1 < layers.size() && layers[i + 1].layer.class_name() == "Rescaling";
    result.push_back({weights[0], per_channel(kImagenetMean, false)});
    result.push_back({weights[1], per_channel(kImagenetDeviation, !divided_again)});
  }
  return result;
}

}  // namespace graft::applications

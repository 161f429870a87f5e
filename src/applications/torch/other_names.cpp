// SPDX-License-Identifier: Apache-2.0
// Names that other libraries give the tensors of torchvision's networks.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "graft/applications/torch_names.hpp"
#include "graft/base/fail.hpp"

namespace graft::applications {
namespace {

/// The number at the start of a text, which then begins after it.
std::optional<int> take_number(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) != 0) ++digits;
  if (digits == 0 || digits > 4) return std::nullopt;
  const int number = std::stoi(std::string(text.substr(0, digits)));
  text.remove_prefix(digits);
  return number;
}

/// Removes a text from the front; false where it is not there.
bool take(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}

/// transformers' ResNet: "resnet.encoder.stages.0.layers.1.layer.2.convolution.weight".
std::string resnet_of_transformers(std::string_view name) {
  if (take(name, "classifier.1.")) return cat("fc.", name);
  take(name, "resnet.");
  if (take(name, "embedder.embedder.convolution.")) return cat("conv1.", name);
  if (take(name, "embedder.embedder.normalization.")) return cat("bn1.", name);
  if (!take(name, "encoder.stages.")) return {};
  const std::optional<int> stage = take_number(name);
  if (!stage || !take(name, ".layers.")) return {};
  const std::optional<int> block = take_number(name);
  if (!block) return {};
  const std::string place = cat("layer", *stage + 1, ".", *block, ".");
  if (take(name, ".shortcut.convolution.")) return cat(place, "downsample.0.", name);
  if (take(name, ".shortcut.normalization.")) return cat(place, "downsample.1.", name);
  if (!take(name, ".layer.")) return {};
  const std::optional<int> layer = take_number(name);
  if (layer && take(name, ".convolution.")) return cat(place, "conv", *layer + 1, ".", name);
  if (layer && take(name, ".normalization.")) return cat(place, "bn", *layer + 1, ".", name);
  return {};
}

/// transformers' ConvNeXt: "convnext.encoder.stages.0.layers.1.dwconv.weight".
std::string convnext_of_transformers(std::string_view name) {
  if (take(name, "classifier.")) return cat("classifier.2.", name);
  take(name, "convnext.");
  if (take(name, "embeddings.patch_embeddings.")) return cat("features.0.0.", name);
  if (take(name, "embeddings.layernorm.")) return cat("features.0.1.", name);
  if (take(name, "layernorm.")) return cat("classifier.0.", name);
  if (!take(name, "encoder.stages.")) return {};
  const std::optional<int> stage = take_number(name);
  if (!stage) return {};
  if (take(name, ".downsampling_layer.")) return cat("features.", 2 * *stage, ".", name);
  if (!take(name, ".layers.")) return {};
  const std::optional<int> block = take_number(name);
  if (!block) return {};
  const std::string place = cat("features.", 2 * *stage + 1, ".", *block, ".");
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kParts{{{".dwconv.", "block.0."},
                                                                                 {".layernorm.", "block.2."},
                                                                                 {".pwconv1.", "block.3."},
                                                                                 {".pwconv2.", "block.5."}}};
  if (name == ".layer_scale_parameter") return cat(place, "layer_scale");
  for (const auto& [theirs, ours] : kParts) {
    if (take(name, theirs)) return cat(place, ours, name);
  }
  return {};
}

/// fastai's ResNets are a Sequential of the body's children: 0 is conv1, 1 bn1, 4 to 7 layer1 to layer4.
std::string resnet_of_fastai(std::string_view name) {
  if (!take(name, "0.")) return {};
  const std::optional<int> child = take_number(name);
  if (!child || !take(name, ".")) return {};
  if (*child == 0) return cat("conv1.", name);
  if (*child == 1) return cat("bn1.", name);
  if (*child >= 4 && *child <= 7) return cat("layer", *child - 3, ".", name);
  return {};
}

/// transformers' other CNNs keep their names, without that of the network in front.
std::string without_network(std::string_view name) {
  for (const std::string_view network : {"mobilenet_v1.", "mobilenet_v2.", "efficientnet."})
    if (take(name, network)) return std::string(name);
  return {};
}

/// Where a name ends in "fc.N.weight" or "fc.N.bias": what is before N, and what is after it.
std::optional<std::pair<std::string, std::string>> around_number(const std::string& name) {
  const std::size_t at = name.rfind("fc.");
  if (at == std::string::npos || (at > 0 && name[at - 1] != '.')) return std::nullopt;
  std::string_view rest = std::string_view(name).substr(at + 3);
  if (!take_number(rest) || (rest != ".weight" && rest != ".bias")) return std::nullopt;
  return std::pair(name.substr(0, at + 2), std::string(rest));
}

/// A last layer within its own Sequential, as Sequential(Dropout, Linear): "fc.1.weight" becomes
/// "fc.weight". Where several of its layers have weights, the names stay.
void unwrap_last_layer(std::vector<std::string>& names) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (around_number(names[i])) found.push_back(i);
  const auto number_of = [&](std::size_t i) { return names[i].substr(0, names[i].rfind('.')); };
  for (const std::size_t i : found) {
    const auto [before, after] = *around_number(names[i]);
    if (number_of(i) != number_of(found.front()) || std::ranges::find(names, before + after) != names.end())
      return;
  }
  for (const std::size_t i : found) {
    const auto [before, after] = *around_number(names[i]);
    names[i] = before + after;
  }
}

}  // namespace

std::vector<std::string> torchvision_names(std::vector<std::string> names) {
  const auto has = [&](std::string_view part) {
    return std::ranges::any_of(names,
                               [&](const std::string& name) { return name.find(part) != std::string::npos; });
  };
  std::string (*rename)(std::string_view) = nullptr;
  if (has("embedder.embedder.convolution.")) rename = resnet_of_transformers;
  if (has("embeddings.patch_embeddings.") && has(".dwconv.")) rename = convnext_of_transformers;
  if (has("conv_stem.convolution.") || has("conv_stem.first_conv.convolution.") ||
      has("embeddings.batchnorm."))
    rename = without_network;
  const bool fastai = has("0.4.0.conv1.") && has("0.7.0.conv1.") && has("0.0.weight");
  if (fastai && !has("layer1.")) rename = resnet_of_fastai;
  unwrap_last_layer(names);
  if (rename == nullptr) return names;
  for (std::string& name : names) {
    std::string renamed = rename(name);
    if (!renamed.empty()) name = std::move(renamed);
  }
  return names;
}

}  // namespace graft::applications

// SPDX-License-Identifier: Apache-2.0
#include "saving/file_layers.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <unordered_map>

#include "graft/base/fail.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/formats/weights_h5.hpp"

#include "saving/read_node.hpp"

namespace graft::saving {
namespace {

/// Some early versions of the format call the top group so.
constexpr std::string_view kOldLayers = "_layer_checkpoint_dependencies/";

bool is_random_state(std::string_view path) {
  return path.find("seed_generator") != std::string_view::npos ||
         path.find("StateVar") != std::string_view::npos ||
         path.find("random_generator") != std::string_view::npos;
}

FileWeights from_legacy(const formats::StoredH5& content) {
  std::vector<FileLayer> layers;
  for (const auto& layer : content.layers) layers.push_back({layer_name(layer.layer), "", layer.weights});
  return legacy_layers(std::move(layers));
}

}  // namespace

FileWeights legacy_layers(std::vector<FileLayer> layers) {
  FileWeights result;
  for (FileLayer& layer : layers) {
    std::erase_if(layer.weights,
                  [](const formats::StoredTensor& weight) { return is_random_state(weight.path); });
    if (!layer.weights.empty()) result.layers.push_back(std::move(layer));
  }
  return result;
}

FileWeights grouped_layers(const formats::StoredTensors& weights, const formats::GroupNames& names) {
  FileWeights result{.grouped = true};
  std::unordered_map<std::string, std::size_t> known;
  for (const formats::StoredTensor& weight : weights) {
    const std::size_t vars = weight.path.rfind("/vars/");
    if (vars == std::string::npos || is_random_state(weight.path)) continue;
    std::string group = weight.path.substr(0, vars);
    const auto name = names.find(group + "/vars");
    if (group.starts_with(kOldLayers)) group = "layers/" + group.substr(kOldLayers.size());
    if (!group.starts_with("layers/")) continue;
    const auto [entry, fresh] = known.emplace(group, result.layers.size());
    if (fresh) result.layers.push_back({name == names.end() ? "" : name->second, group, {}});
    result.layers[entry->second].weights.push_back(weight);
  }
  return result;
}

bool is_archive(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    fail(ErrorKind::not_found, "there is no file '", path.string(), "' that can be read");
  std::array<char, 2> start{};
  in.read(start.data(), start.size());
  return in.gcount() == 2 && start[0] == 'P' && start[1] == 'K';
}

FileWeights read_file_weights(const std::filesystem::path& path) {
  if (is_archive(path)) {
    const formats::StoredKerasArchive archive = formats::open_keras_archive(path);
    return grouped_layers(archive.weights, archive.group_names);
  }
  const auto grouped = [&] {
    const formats::StoredWeightsH5 content = formats::open_weights_h5(path);
    return grouped_layers(content.weights, content.group_names);
  };
  if (path.string().ends_with(".weights.h5")) {
    FileWeights content = grouped();
    if (!content.layers.empty()) return content;
    return from_legacy(formats::open_keras_h5(path));  // Keras 2 used such names for its legacy layout
  }
  try {
    return from_legacy(formats::open_keras_h5(path));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_file) throw;
    try {
      FileWeights content = grouped();
      if (!content.layers.empty()) return content;
    } catch (const Error&) {
      // The first error describes the expected file.
    }
    throw;
  }
}

}  // namespace graft::saving

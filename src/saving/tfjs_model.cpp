// SPDX-License-Identifier: Apache-2.0
#include "saving/tfjs_model.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/tfjs.hpp"

#include "saving/config_notes.hpp"
#include "saving/layouts.hpp"
#include "saving/legacy_config.hpp"
#include "saving/pairing/pairing.hpp"
#include "saving/tfjs_config.hpp"

namespace graft::saving {
namespace {

/// "conv1/kernel" of "base/conv1/kernel": TensorFlow.js knows a weight by its layer, wherever that is nested.
std::string tfjs_name(const std::string& path) {
  const std::size_t last = path.rfind('/');
  const std::size_t before =
      last == std::string::npos || last == 0 ? std::string::npos : path.rfind('/', last - 1);
  return before == std::string::npos ? path : path.substr(before + 1);
}

/// "kernel" of "conv1/kernel".
std::string own_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Keras 2 and TensorFlow.js call depthwise kernels by their own name, Keras 3 calls all of them kernel.
bool names_same(const std::string& ours, const std::string& theirs) {
  return ours == theirs || (ours == "kernel" && theirs == "depthwise_kernel") ||
         (ours == "depthwise_kernel" && theirs == "kernel");
}

/// The file's weights of one layer in the layer's order.
FileLayer in_order(const ModelLayer& layer, std::vector<formats::StoredTensor> found,
                   const std::string& file) {
  FileLayer result{.name = layer.name, .group = layer.group};
  for (const VariablePtr& weight : layer.layer.weights()) {
    const auto match = std::ranges::find_if(found, [&](const formats::StoredTensor& tensor) {
      return names_same(own_name(weight->path()), own_name(tensor.path));
    });
    if (match == found.end())
      fail(ErrorKind::bad_file, file, ": it has no weight '", own_name(weight->path()), "' of layer '",
           layer.name, "'");
    result.weights.push_back(std::move(*match));
    found.erase(match);
  }
  if (!found.empty())
    fail(ErrorKind::bad_file, file, ": layer '", layer.name, "' has no weight ", found.front().path);
  return result;
}

}  // namespace

bool is_tfjs_model(const std::filesystem::path& path) { return formats::is_tfjs(path); }

LoadedModel load_tfjs(const std::filesystem::path& path) {
  formats::StoredTfjs content = formats::open_tfjs(path);
  refuse_keras2_functions(content.model_config, content.keras_version, path.string());
  LoadedModel loaded{.model = model_from_config(content.model_config),
                     .notes = notes_on_config(content.model_config, content.keras_version)};
  if (content.metadata.is_object()) {
    for (const auto& [name, value] : content.metadata.items()) {
      if (value.is_string()) loaded.extra[name] = value.get<std::string>();
    }
  }
  std::map<std::string, std::vector<formats::StoredTensor>> by_layer;
  for (formats::StoredTensor& tensor : content.weights) {
    // TensorFlow 2.2 and later write "dense/dense/kernel".
    const std::string name = tfjs_name(tensor.path);
    by_layer[name.substr(0, name.find('/'))].push_back(std::move(tensor));
  }
  StagedWeights staged({}, path.string());
  for (const ModelLayer& layer : layers_with_weights(loaded.model, true)) {
    const auto found = by_layer.find(layer.layer.name());
    if (found == by_layer.end())
      fail(ErrorKind::bad_file, path.string(), ": it has no weights of layer '", layer.name, "'");
    pair_weights(layer, in_order(layer, std::move(found->second), path.string()), staged);
    by_layer.erase(found);
  }
  if (!by_layer.empty()) {
    fail(ErrorKind::bad_file, path.string(), ": it has weights of '", by_layer.begin()->first,
         "', which is no layer of its model");
  }
  staged.apply();
  return loaded;
}

formats::TfjsModel tfjs_content(const Model& model, const std::filesystem::path& path,
                                const std::map<std::string, std::string>& extra) {
  formats::TfjsModel content{.model_config = tfjs_config(legacy_config(model_config(model)))};
  std::set<std::string> depthwise;  // whose kernels have a name of their own there
  for (const ModelLayer& layer : layers_with_weights(model, true)) {
    if (layer.layer.class_name() == "DepthwiseConv2D") depthwise.insert(layer.layer.name() + "/kernel");
  }
  std::set<std::string> names;
  for (const formats::LayerWeights& layer : legacy_layout(model).layers) {
    for (const formats::NamedTensor& weight : layer.weights) {
      std::string name = tfjs_name(weight.path.substr(0, weight.path.find(':')));
      if (depthwise.contains(name)) name.replace(name.rfind('/') + 1, std::string::npos, "depthwise_kernel");
      if (!names.insert(name).second) {
        fail(ErrorKind::unsupported, "cannot save ", path.string(),
             ": two layers of nested models have weights '", name,
             "', which TensorFlow.js cannot tell apart; rename one of them");
      }
      content.weights.push_back({name, weight.tensor});
    }
  }
  for (const auto& [name, text] : extra) content.metadata[name] = text;
  return content;
}

}  // namespace graft::saving

// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/saving.hpp"

#include "saving/file_layers.hpp"
#include "saving/legacy_config.hpp"
#include "saving/pairing/pairing.hpp"

namespace graft::saving {
namespace {

/// Only by group, as Keras does: the file was written from this model.
void pair_groups(const std::vector<ModelLayer>& layers, const FileWeights& file, StagedWeights& staged) {
  std::unordered_map<std::string, const FileLayer*> by_group;
  for (const FileLayer& layer : file.layers) by_group.emplace(layer.group, &layer);
  for (const ModelLayer& layer : layers) {
    const auto found = by_group.find(layer.group);
    if (found == by_group.end()) {
      fail(ErrorKind::bad_file, staged.file(), ": it has no weights for layer '", layer.name,
           "', expected in ", layer.group, "/vars");
    }
    const std::string& name = found->second->name;
    if (!name.empty() && name != layer.layer.name()) {
      fail(ErrorKind::bad_file, staged.file(), ": the weights in ", layer.group, " are those of layer '",
           name, "', expected those of '", layer.layer.name(), "'");
    }
    pair_weights(layer, *found->second, staged);
    by_group.erase(found);
  }
  for (const auto& [group, layer] : by_group) staged.unused(layer->weights);
}

void finish(StagedWeights& staged) {
  const LoadReport& report = staged.report();
  if (!report.missing.empty() || !report.unused.empty()) {
    fail(ErrorKind::bad_file, staged.file(), ": its weights are not those of its model: ", report.summary());
  }
  staged.apply();
}

Json compile_config_of(const Json& config) {
  const auto found = config.find("compile_config");
  // Keras writes an empty object for a model that was never compiled.
  return found == config.end() || found->empty() ? Json(nullptr) : *found;
}

LoadedModel load_archive(const std::filesystem::path& path) {
  formats::StoredKerasArchive archive = formats::open_keras_archive(path);
  LoadedModel loaded{.model = model_from_config(archive.config),
                     .compile_config = compile_config_of(archive.config),
                     .extra = std::move(archive.extra)};
  for (const formats::StoredTensor& weight : archive.weights) {
    if (weight.path.starts_with("optimizer/")) loaded.optimizer_params += weight.shape.count();
  }
  StagedWeights staged({}, path.string());
  pair_groups(layers_with_weights(loaded.model, true), grouped_layers(archive.weights, archive.group_names),
              staged);
  finish(staged);
  for (const formats::StoredTensor& weight : archive.weights) {
    if (weight.path.starts_with("optimizer/vars/")) loaded.optimizer.push_back(weight.read());
  }
  return loaded;
}

LoadedModel load_h5(const std::filesystem::path& path) {
  formats::StoredH5 content = formats::open_keras_h5(path);
  if (!content.model_config) {
    fail(ErrorKind::unsupported, path.string(), " holds weights without a model; build the model and use ",
         "load_weights");
  }
  LoadedModel loaded{
      .model = model_from_config(*content.model_config),
      .compile_config = content.training_config ? compile_config(*content.training_config) : Json(nullptr)};
  std::vector<FileLayer> layers;
  for (auto& layer : content.layers) layers.push_back({layer.layer, "", std::move(layer.weights)});
  StagedWeights staged({}, path.string());
  pair_layers(layers_with_weights(loaded.model, false), legacy_layers(std::move(layers)), staged);
  finish(staged);
  for (const formats::StoredTensor& value : content.optimizer) loaded.optimizer.push_back(value.read());
  return loaded;
}

}  // namespace

LoadedModel load_model(const std::filesystem::path& path) {
  return is_archive(path) ? load_archive(path) : load_h5(path);
}

}  // namespace graft::saving

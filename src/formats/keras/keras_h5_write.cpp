// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/formats/keras_h5.hpp"

#include "formats/hdf5/writer.hpp"
#include "formats/json_text.hpp"

namespace graft::formats {
namespace {

/// The version whose layout this is, and the backend whose variables have these names.
constexpr const char* kKerasVersion = "3.15.1";
constexpr const char* kBackend = "tensorflow";
constexpr const char* kTopLevelGroup = "top_level_model_weights";

/// A group whose attribute weight_names lists its datasets.
void write_group(hdf5::Writer& writer, const std::string& group, const NamedTensors& weights) {
  writer.add_group(group);
  std::vector<std::string> names;
  for (const NamedTensor& weight : weights) names.push_back(weight.path);
  writer.set_texts(group, "weight_names", names);
  for (const NamedTensor& weight : weights) writer.add_dataset(cat(group, "/", weight.path), weight.tensor);
}

void write_layers(hdf5::Writer& writer, const std::string& root, const H5Weights& content) {
  if (!root.empty()) writer.add_group(root);
  std::vector<std::string> names;
  for (const LayerWeights& layer : content.layers) {
    if (layer.layer != kTopLevelGroup) names.push_back(layer.layer);
  }
  writer.set_texts(root, "layer_names", names);
  writer.set_text(root, "backend", kBackend);
  writer.set_text(root, "keras_version", kKerasVersion);
  const std::string prefix = root.empty() ? "" : root + "/";
  bool has_top_level = false;
  for (const LayerWeights& layer : content.layers) {
    write_group(writer, prefix + layer.layer, layer.weights);
    has_top_level = has_top_level || layer.layer == kTopLevelGroup;
  }
  if (!has_top_level) write_group(writer, prefix + kTopLevelGroup, {});
}

}  // namespace

void write_keras_h5(const std::filesystem::path& path, const H5Weights& content) {
  AtomicFile file(path);
  {
    const hdf5::Session session;
    hdf5::Writer writer(file.temporary_path());
    if (content.model_config) {
      writer.set_text("", "keras_version", kKerasVersion);
      writer.set_text("", "backend", kBackend);
      writer.set_text("", "model_config", json_text(*content.model_config, "the model's configuration"));
      if (content.training_config) {
        writer.set_text("", "training_config",
                        json_text(*content.training_config, "the training's configuration"));
      }
    }
    write_layers(writer, content.model_config ? "model_weights" : "", content);
    if (!content.optimizer.empty()) write_group(writer, "optimizer_weights", content.optimizer);
    writer.close();
  }
  file.commit();
}

}  // namespace graft::formats

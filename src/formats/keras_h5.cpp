// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/keras_h5.hpp"

#include "graft/base/error.hpp"

#include "formats/hdf5_file.hpp"
#include "formats/json_text.hpp"

namespace graft::formats {
namespace {

constexpr const char* kTopLevel = "top_level_model_weights";

/// The strings of an attribute that Keras cuts into name0, name1 ... where it would exceed HDF5's 64 kB.
std::optional<std::vector<std::string>> chunked_strings(hdf5::File& file, hid_t object,
                                                        const std::string& name) {
  auto whole = file.strings(object, name);
  if (whole) return whole;
  auto part = file.strings(object, cat(name, 0));
  if (!part) return {};
  std::vector<std::string> all;
  for (int i = 1; part; ++i) {
    all.insert(all.end(), part->begin(), part->end());
    part = file.strings(object, cat(name, i));
  }
  return all;
}

[[noreturn]] void fail_other_layout(const hdf5::File& file, hid_t root) {
  const bool keras3 = H5Lexists(root, "layers", H5P_DEFAULT) > 0 ||
                      H5Lexists(root, "vars", H5P_DEFAULT) > 0 ||
                      H5Lexists(root, "_layer_checkpoint_dependencies", H5P_DEFAULT) > 0;
  fail(ErrorKind::bad_file, file.name(),
       " is an HDF5 file without Keras's layer weights: its attribute layer_names is missing",
       keras3 ? "; it looks like a Keras 3 .weights.h5" : "");
}

LayerWeights read_layer(hdf5::File& file, hid_t root, const std::string& layer) {
  LayerWeights result{.layer = layer, .weights = {}};
  const hdf5::Handle group = file.group(root, layer);
  const auto names = chunked_strings(file, group.get(), "weight_names");
  if (!names) fail(ErrorKind::bad_file, file.name(), ": layer '", layer, "' has no attribute weight_names");
  for (const std::string& name : *names) {
    const hdf5::Handle dataset = file.dataset(group.get(), name);
    result.weights.push_back({.path = name, .tensor = file.read(dataset, cat(layer, "/", name))});
  }
  return result;
}

std::optional<Json> read_config(hdf5::File& file, const std::string& attribute) {
  const auto texts = file.strings(file.root(), attribute);
  if (!texts || texts->size() != 1) return {};
  return parse_json(texts->front(), cat(file.name(), ": the attribute ", attribute));
}

}  // namespace

H5Weights read_keras_h5(const std::filesystem::path& path) {
  hdf5::File file(path);
  H5Weights result;
  hdf5::Handle group;
  if (H5Lexists(file.root(), "model_weights", H5P_DEFAULT) > 0)
    group = file.group(file.root(), "model_weights");
  const hid_t root = group.valid() ? group.get() : file.root();
  const auto layers = chunked_strings(file, root, "layer_names");
  if (!layers) fail_other_layout(file, root);
  for (const std::string& layer : *layers) result.layers.push_back(read_layer(file, root, layer));
  if (H5Lexists(root, kTopLevel, H5P_DEFAULT) > 0) {
    LayerWeights rest = read_layer(file, root, kTopLevel);
    if (!rest.weights.empty()) result.layers.push_back(std::move(rest));
  }
  result.model_config = read_config(file, "model_config");
  result.training_config = read_config(file, "training_config");
  return result;
}

}  // namespace graft::formats

// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/keras_h5.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "formats/hdf5/file.hpp"
#include "formats/json_text.hpp"

namespace graft::formats {
namespace {

constexpr const char* kTopLevel = "top_level_model_weights";
constexpr const char* kOptimizer = "optimizer_weights";

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

/// The datasets that a group's attribute weight_names lists.
StoredTensors listed_tensors(hdf5::File& file, hid_t root, const std::string& place) {
  StoredTensors result;
  const hdf5::Handle group = file.group(root, place);
  const auto names = chunked_strings(file, group.get(), "weight_names");
  if (!names) {
    fail(ErrorKind::bad_file, file.name(), ": '", printable(place), "' has no attribute weight_names");
  }
  for (const std::string& name : *names) {
    const hdf5::Handle dataset = file.dataset(group.get(), name);
    result.push_back(file.tensor(dataset, cat(place, "/", name)));
    result.back().path = name;
  }
  return result;
}

std::optional<Json> read_config(hdf5::File& file, const std::string& attribute) {
  const auto texts = file.strings(file.root(), attribute);
  if (!texts || texts->size() != 1) return {};
  return parse_json(texts->front(), cat(file.name(), ": the attribute ", attribute));
}

}  // namespace

StoredH5 open_keras_h5(const std::filesystem::path& path) {
  const std::shared_ptr<hdf5::File> file = hdf5::File::open(path);
  StoredH5 result;
  hdf5::Handle group;
  if (H5Lexists(file->root(), "model_weights", H5P_DEFAULT) > 0)
    group = file->group(file->root(), "model_weights");
  const hid_t root = group.valid() ? group.get() : file->root();
  const auto layers = chunked_strings(*file, root, "layer_names");
  if (!layers) fail_other_layout(*file, root);
  for (const std::string& layer : *layers)
    result.layers.push_back({layer, listed_tensors(*file, root, layer)});
  if (H5Lexists(root, kTopLevel, H5P_DEFAULT) > 0) {
    StoredTensors rest = listed_tensors(*file, root, kTopLevel);
    if (!rest.empty()) result.layers.push_back({kTopLevel, std::move(rest)});
  }
  result.model_config = read_config(*file, "model_config");
  result.training_config = read_config(*file, "training_config");
  if (const auto version = file->strings(file->root(), "keras_version"); version && version->size() == 1)
    result.keras_version = version->front();
  if (H5Lexists(file->root(), kOptimizer, H5P_DEFAULT) > 0)
    result.optimizer = listed_tensors(*file, file->root(), kOptimizer);
  return result;
}

H5Weights read_keras_h5(const std::filesystem::path& path) {
  StoredH5 content = open_keras_h5(path);
  H5Weights result{.layers = {},
                   .model_config = std::move(content.model_config),
                   .training_config = std::move(content.training_config),
                   .keras_version = std::move(content.keras_version),
                   .optimizer = read_all(content.optimizer)};
  for (const auto& layer : content.layers) result.layers.push_back({layer.layer, read_all(layer.weights)});
  return result;
}

}  // namespace graft::formats

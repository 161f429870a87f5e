// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>
#include <unordered_map>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/file_kind.hpp"
#include "graft/formats/foreign_folder.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/formats/onnx.hpp"
#include "graft/formats/tflite.hpp"
#include "graft/onnx/import.hpp"
#include "graft/saving.hpp"
#include "graft/tflite/import.hpp"

#include "saving/config_notes.hpp"
#include "saving/file_layers.hpp"
#include "saving/legacy_config.hpp"
#include "saving/pairing/pairing.hpp"
#include "saving/read_node.hpp"
#include "saving/tfjs_model.hpp"

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
    const std::string name = layer_name(found->second->name);
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

/// The version of Keras in the metadata of an archive or the result of Keras 2's to_json(); empty without
/// one.
std::string version_in(const Json& object) {
  const auto found = object.is_object() ? object.find("keras_version") : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

LoadedModel load_archive(const std::filesystem::path& path) {
  formats::StoredKerasArchive archive = formats::open_keras_archive(path);
  refuse_keras2_functions(archive.config, version_in(archive.metadata), path.string());
  LoadedModel loaded{.model = model_from_config(archive.config),
                     .compile_config = compile_config_of(archive.config),
                     .extra = std::move(archive.extra),
                     .notes = notes_on_config(archive.config, version_in(archive.metadata))};
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
    fail(ErrorKind::unsupported, path.string(),
         " holds weights without a model; name the architecture as the model and give this file as its "
         "weights "
         "(in C++: build the model and call load_weights)");
  }
  refuse_keras2_functions(*content.model_config, content.keras_version, path.string());
  LoadedModel loaded{
      .model = model_from_config(*content.model_config),
      .compile_config = content.training_config ? compile_config(*content.training_config) : Json(nullptr),
      .notes = notes_on_config(*content.model_config, content.keras_version)};
  std::vector<FileLayer> layers;
  for (auto& layer : content.layers)
    layers.push_back({layer_name(layer.layer), "", std::move(layer.weights)});
  StagedWeights staged({}, path.string());
  pair_layers(layers_with_weights(loaded.model, false), legacy_layers(std::move(layers)), staged);
  finish(staged);
  for (const formats::StoredTensor& value : content.optimizer) loaded.optimizer.push_back(value.read());
  return loaded;
}

/// Folders and lists of tensors are no model files: says what they are.
void refuse_other_kinds(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const std::string foreign = formats::foreign_folder(path);
    if (!foreign.empty()) fail(ErrorKind::unsupported, path.string(), " is ", foreign);
    fail(ErrorKind::not_found, "the folder ", path.string(), " contains no model.keras");
  }
  if (!std::filesystem::exists(path, ignored) || path.extension() == ".json") return;
  formats::FileKind kind = formats::FileKind::hdf5;
  try {
    kind = formats::file_kind_of(path);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::bad_file) return;  // the reader describes the file that it expected
    throw;
  }
  if (kind == formats::FileKind::hdf5 || kind == formats::FileKind::keras_archive) return;
  // A pickled or compiled module has no state_dict to give with --weights: its reader says what it is.
  if (kind == formats::FileKind::torch) static_cast<void>(formats::open_named_tensors(path, kind));
  fail(ErrorKind::unsupported, path.string(), " holds weights ",
       kind == formats::FileKind::npz ? "of numpy" : "of PyTorch",
       ", not a model; name the architecture as the model and give this file as its weights");
}

/// The structure of a model as Keras's to_json() writes it; with its weights where it is one of
/// TensorFlow.js's.
LoadedModel load_json(const std::filesystem::path& path) {
  constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 28U;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) fail(ErrorKind::not_found, "there is no file '", path.string(), "' that can be read");
  if (size > kMostBytes) fail(ErrorKind::resource_limit, path.string(), " is too large for a model's config");
  std::ifstream stream(path, std::ios::binary);
  const Json config = Json::parse(stream, nullptr, false);
  if (!config.is_object())
    fail(ErrorKind::bad_file, path.string(), " is not a model's config as Keras's to_json() writes it");
  if (config.contains("modelTopology")) return load_tfjs(path);
  refuse_keras2_functions(config, version_in(config), path.string());
  return {.model = model_from_config(config),
          .notes = notes_on_config(config, version_in(config)),
          .has_weights = false};
}

/// By its name, or by its first bytes where these are no other format's.
bool is_onnx(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  if (path.extension() == ".onnx") return true;
  if (path.extension() == ".mlmodel") return false;  // begins in the same way
  std::array<char, 9> head{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(head.data(), head.size());
  return stream && head[8] != '{' && formats::looks_like_onnx({head.data(), head.size()});
}

/// The metadata of a file of graft's are the entries of a .keras file.
LoadedModel load_onnx(const std::filesystem::path& path) {
  const formats::OnnxModel file = formats::read_onnx(path);
  LoadedModel loaded{.model = from_onnx(file, path.string())};
  const auto metadata = file.metadata.find("graft.json");
  if (metadata != file.metadata.end()) loaded.extra.emplace(metadata->first, metadata->second);
  return loaded;
}

bool is_tflite(const std::filesystem::path& path) {
  std::array<char, 8> head{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(head.data(), head.size());
  return stream && formats::looks_like_tflite({head.data(), head.size()});
}

/// The class names of the text file at the end, where there is one a class.
void take_labels(const formats::TfliteModel& file, LoadedModel& loaded) {
  const auto found =
      std::ranges::find_if(file.files, [](const auto& one) { return one.first.ends_with(".txt"); });
  if (found == file.files.end() || loaded.model.outputs().size() != 1) return;
  std::vector<std::string> names;
  std::istringstream lines(found->second);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  const bool distinct = std::set<std::string>(names.begin(), names.end()).size() == names.size();
  if (!distinct || static_cast<std::int64_t>(names.size()) != loaded.model.output_shape()[-1]) {
    loaded.notes.push_back(cat(found->first, " in the file is not used: it has ", names.size(),
                               distinct ? " names" : " names, one of them twice", ", the model ",
                               loaded.model.output_shape()[-1], " classes"));
    return;
  }
  loaded.extra.emplace("graft.json",
                       Json{{"class_names", names}}.dump(-1, ' ', false, Json::error_handler_t::replace));
}

LoadedModel load_tflite(const std::filesystem::path& path) {
  const formats::TfliteModel file = formats::read_tflite(path);
  LoadedModel loaded{.model = from_tflite(file, path.string())};
  const auto metadata = file.metadata.find("graft.json");
  if (metadata != file.metadata.end()) {
    loaded.extra.emplace(metadata->first, metadata->second);
  } else {
    take_labels(file, loaded);
  }
  return loaded;
}

}  // namespace

LoadedModel load_model(const std::filesystem::path& path) {
  if (is_onnx(path)) return load_onnx(path);
  if (is_tflite(path)) return load_tflite(path);
  refuse_other_kinds(path);
  if (path.extension() == ".json") return load_json(path);
  return is_archive(path) ? load_archive(path) : load_h5(path);
}

LoadedModel load_model(const std::filesystem::path& json, const std::filesystem::path& weights) {
  LoadedModel loaded = load_json(json);
  if (weights.empty()) return loaded;
  const LoadReport report = load_weights(loaded.model, weights);
  if (!report.missing.empty()) {
    fail(ErrorKind::not_found, weights.string(), " lacks ", report.missing.size(),
         " weights of the model in ", json.string(), ", first ", report.missing.front());
  }
  return loaded;
}

}  // namespace graft::saving

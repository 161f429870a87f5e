// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/registry.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/saving.hpp"
#include "graft/version.hpp"

#include "saving/layouts.hpp"
#include "saving/legacy_config.hpp"
#include "saving/model_walk.hpp"
#include "saving/tfjs_model.hpp"

namespace graft::saving {
namespace {

/// The version whose format this is.
constexpr const char* kKerasVersion = "3.15.1";
/// Fixed, so that equal models produce equal bytes.
constexpr const char* kDate = "1980-01-01@00:00:00";

/// The training state to store: the caller's, else the model's.
models::SavedTraining training_state(const Model& model, const SaveOptions& options) {
  if (!options.compile_config->is_null()) return {options.compile_config, options.optimizer};
  const auto& attachment = model.functional()->attachment();
  return attachment ? attachment->training_state() : models::SavedTraining();
}

/// Keras's name of the optimizer, which its group in the file carries: "adam".
std::string optimizer_name(const Json& compile_config) {
  const Json optimizer = compile_config.value("optimizer", Json());
  if (!optimizer.is_object()) return "optimizer";
  const Json config = optimizer.value("config", Json::object());
  return config.is_object() && config.contains("name") && config["name"].is_string()
             ? config["name"].get<std::string>()
             : "optimizer";
}

/// Throws Error{invalid_argument} naming the first layer of a class that no program could read from the file.
void check_classes(const Model& model) {
  for (const StoredLayer& stored : stored_layers(model)) {
    const Layer& layer = stored.layer;
    if (as_model(layer).base() != nullptr || layers::as_operation(layer.base().get()) != nullptr) continue;
    if (layers::is_known(layer.class_name())) continue;
    fail(
        ErrorKind::invalid_argument, "layer '", layer.name(), "' is of the class ", layer.class_name(),
        ", which is not registered, so that the file could not be read again; call layers::register_layer(\"",
        "package\", \"", layer.class_name(), "\", ...) before saving");
  }
}

void save_archive(const Model& model, const std::filesystem::path& path, const SaveOptions& options) {
  formats::KerasArchive archive;
  archive.metadata = {
      {"keras_version", kKerasVersion}, {"date_saved", kDate}, {"graft_version", std::string(version())}};
  archive.config = model_config(model);
  const models::SavedTraining training = training_state(model, options);
  if (!training.compile_config->is_null()) archive.config["compile_config"] = training.compile_config;
  archive.extra = options.extra;
  formats::WeightsH5 content = grouped_layout(model);
  archive.weights = std::move(content.weights);
  archive.group_names = std::move(content.group_names);
  if (!training.optimizer.empty())
    archive.group_names["optimizer/vars"] = optimizer_name(training.compile_config);
  for (std::size_t i = 0; i < training.optimizer.size(); ++i)
    archive.weights.push_back({cat("optimizer/vars/", i), training.optimizer[i]});
  formats::write_keras_archive(path, archive);
}

void save_h5(const Model& model, const std::filesystem::path& path, const SaveOptions& options) {
  if (!options.extra.empty()) {
    fail(ErrorKind::invalid_argument, "cannot keep '", options.extra.begin()->first, "' in ", path.string(),
         ": only a .keras file has room for further entries");
  }
  formats::H5Weights content = legacy_layout(model);
  content.model_config = legacy_config(model_config(model));
  const models::SavedTraining training = training_state(model, options);
  if (!training.compile_config->is_null()) content.training_config = training_config(training.compile_config);
  for (std::size_t i = 0; i < training.optimizer.size(); ++i) {
    content.optimizer.push_back(
        {cat(optimizer_name(training.compile_config), "/variable_", i), training.optimizer[i]});
  }
  formats::write_keras_h5(path, content);
}

}  // namespace

void save_model(const Model& model, const std::filesystem::path& path, const SaveOptions& options) {
  const std::string name = path.filename().string();
  check_classes(model);
  if (name.ends_with(".keras")) return save_archive(model, path, options);
  if (name.ends_with(".weights.h5")) {
    fail(ErrorKind::invalid_argument, "cannot save a model as ", path.string(),
         ": Keras means weights alone by .weights.h5; use save_weights, or a name that ends in .keras");
  }
  if (name.ends_with(".h5") || name.ends_with(".hdf5")) return save_h5(model, path, options);
  if (name.ends_with(".json")) return formats::write_tfjs(path, tfjs_content(model, path, options.extra));
  fail(ErrorKind::invalid_argument, "cannot save a model as ", path.string(),
       ": expected a name that ends in .keras, in .h5 for Keras's older format, or model.json for "
       "TensorFlow.js");
}

}  // namespace graft::saving

namespace graft {

void Model::save(const std::filesystem::path& path) const { saving::save_model(*this, path); }

}  // namespace graft

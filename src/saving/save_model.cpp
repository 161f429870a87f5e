// SPDX-License-Identifier: Apache-2.0
#include "graft/saving/save_model.hpp"

#include "graft/base/error.hpp"
#include "graft/base/version.hpp"
#include "graft/formats/keras_archive.hpp"
#include "graft/saving/model_config.hpp"

#include "saving/model_walk.hpp"

namespace graft::saving {
namespace {

/// The version whose format this is.
constexpr const char* kKerasVersion = "3.15.1";
/// Fixed, so that the same model gives the same bytes.
constexpr const char* kDate = "1980-01-01@00:00:00";

}  // namespace

void save_model(const Model& model, const std::filesystem::path& path, const SaveOptions& options) {
  if (path.extension() != ".keras") {
    fail(ErrorKind::invalid_argument, "cannot save a model as ", path.string(),
         ": expected a name that ends in .keras, as Keras does");
  }
  formats::KerasArchive archive;
  archive.metadata = {
      {"keras_version", kKerasVersion}, {"date_saved", kDate}, {"graft_version", std::string(version())}};
  archive.config = model_config(model);
  if (!options.compile_config.is_null()) archive.config["compile_config"] = options.compile_config;
  archive.extra = options.extra;
  for (const StoredLayer& layer : stored_layers(model)) {
    archive.group_names[layer.variables()] = layer.layer.name();
    if (as_model(layer.layer).base() != nullptr) continue;
    int index = 0;
    for (const VariablePtr& weight : layer.layer.weights())
      archive.weights.push_back({cat(layer.variables(), "/", index++), weight->value()});
  }
  formats::write_keras_archive(path, archive);
}

}  // namespace graft::saving

namespace graft {

void Model::save(const std::filesystem::path& path) const { saving::save_model(*this, path); }

}  // namespace graft

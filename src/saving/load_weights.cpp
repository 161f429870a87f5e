// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/file_kind.hpp"
#include "graft/formats/pth.hpp"
#include "graft/saving.hpp"

#include "saving/pairing/named_pairing.hpp"
#include "saving/pairing/pairing.hpp"

namespace graft::saving {
namespace {

void describe(std::string& text, const std::vector<std::string>& paths, const char* what) {
  constexpr std::size_t kShown = 4;
  if (paths.empty()) return;
  text += cat("; ", paths.size(), " ", what, ": ", comma_list(paths, {}, kShown));
}

}  // namespace

std::string LoadReport::summary() const {
  std::string text = cat(matched.size(), matched.size() == 1 ? " weight loaded" : " weights loaded");
  if (!place.empty()) text += " from " + place;
  describe(text, shape_mismatch, "left out for their shapes");
  describe(text, missing, "of the model not in the file");
  describe(text, unused, "of the file not used");
  return text;
}

namespace {

std::string first_names(const formats::StoredTensors& tensors) {
  std::vector<std::string> names;
  for (const formats::StoredTensor& tensor : tensors) names.push_back(tensor.path);
  std::string text;
  describe(text, names, "tensors in the file");
  return text.empty() ? "; the file is empty" : text;
}

/// A plain list of tensors: our own names, or those of a PyTorch definition of this network.
void pair_list(const Model& model, const std::filesystem::path& path, formats::FileKind kind,
               StagedWeights& staged) {
  formats::StateDictFile file;
  if (kind == formats::FileKind::torch) {
    file = formats::open_state_dict(path);
  } else {
    file.tensors = formats::open_named_tensors(path, kind);
  }
  const formats::StoredTensors& tensors = file.tensors;
  staged.from(file.place);
  if (kind != formats::FileKind::torch && pair_named(model, tensors, staged)) return;
  try {
    pair_torch(model, tensors, staged);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unsupported) throw;
    fail(ErrorKind::not_found, path.string(), ": not one of its weights fits model '", model.name(), "'",
         first_names(tensors), ". ", error.what());
  }
}

}  // namespace

LoadReport load_weights(Model& model, const std::filesystem::path& path, const LoadOptions& options) {
  StagedWeights staged(options, path.string());
  const formats::FileKind kind = formats::file_kind_of(path);
  if (kind == formats::FileKind::hdf5 || kind == formats::FileKind::keras_archive) {
    const FileWeights file = read_file_weights(path);
    const std::vector<ModelLayer> layers = layers_with_weights(model, file.grouped);
    pair_layers(layers, file.grouped ? groups_within(file, layers) : layers_within(file, layers), staged);
  } else {
    pair_list(model, path, kind, staged);
  }
  if (staged.report().matched.empty()) {
    fail(ErrorKind::not_found, path.string(), ": not one of its weights fits model '", model.name(), "' (",
         staged.report().summary(), ")");
  }
  return staged.apply();
}

}  // namespace graft::saving

namespace graft {

saving::LoadReport Model::load_weights(const std::filesystem::path& path) {
  return saving::load_weights(*this, path);
}

saving::LoadReport Model::load_weights(const std::filesystem::path& path,
                                       const saving::LoadOptions& options) {
  return saving::load_weights(*this, path, options);
}

}  // namespace graft

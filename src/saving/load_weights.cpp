// SPDX-License-Identifier: Apache-2.0
#include "graft/saving/load_weights.hpp"

#include <algorithm>

#include "graft/base/error.hpp"

#include "saving/pairing.hpp"

namespace graft::saving {
namespace {

void describe(std::string& text, const std::vector<std::string>& paths, const char* what) {
  constexpr std::size_t kShown = 4;
  if (paths.empty()) return;
  text += cat("; ", paths.size(), " ", what, ": ");
  for (std::size_t i = 0; i < std::min(paths.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + paths[i];
  if (paths.size() > kShown) text += ", ...";
}

}  // namespace

std::string LoadReport::summary() const {
  std::string text = cat(matched.size(), matched.size() == 1 ? " weight loaded" : " weights loaded");
  describe(text, shape_mismatch, "left out for their shapes");
  describe(text, missing, "of the model not in the file");
  describe(text, unused, "of the file not used");
  return text;
}

LoadReport load_weights(Model& model, const std::filesystem::path& path, const LoadOptions& options) {
  const FileWeights file = read_file_weights(path);
  StagedWeights staged(options, path.string());
  pair_layers(layers_with_weights(model, file.grouped), file, staged);
  if (staged.report().matched.empty()) {
    fail(ErrorKind::not_found, path.string(), ": not one of its weights fits model '", model.name(), "' (",
         staged.report().summary(), ")");
  }
  return staged.apply();
}

}  // namespace graft::saving

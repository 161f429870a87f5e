// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/formats/npz.hpp"
#include "graft/formats/safetensors.hpp"
#include "graft/saving.hpp"

#include "saving/layouts.hpp"

namespace graft::saving {
namespace {

formats::NamedTensors named_tensors(const Model& model) {
  formats::NamedTensors result;
  for (const auto& [name, weight] : named_weights(model)) result.push_back({name, weight->value()});
  return result;
}

}  // namespace

void save_weights(const Model& model, const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".weights.h5")) {
    const formats::WeightsH5 content = grouped_layout(model);
    formats::write_weights_h5(path, content.weights, content.group_names);
  } else if (name.ends_with(".h5") || name.ends_with(".hdf5")) {
    formats::write_keras_h5(path, legacy_layout(model));
  } else if (name.ends_with(".safetensors")) {
    formats::write_safetensors(path, named_tensors(model), {{"format", "keras"}});
  } else if (name.ends_with(".npz")) {
    formats::write_npz(path, named_tensors(model));
  } else {
    fail(ErrorKind::invalid_argument, "cannot save weights as ", path.string(),
         ": expected a name that ends in .weights.h5 (as in Keras 3), .h5, .safetensors or .npz");
  }
}

}  // namespace graft::saving

namespace graft {

void Model::save_weights(const std::filesystem::path& path) const { saving::save_weights(*this, path); }

}  // namespace graft

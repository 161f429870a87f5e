// SPDX-License-Identifier: Apache-2.0
#include "saving/pairing/pairing.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "graft/base/fail.hpp"

#include "saving/model_walk.hpp"

namespace graft::saving {
namespace {

template <typename T>
std::vector<std::string> keys_of(const std::vector<T>& layers, std::string T::*key) {
  std::vector<std::string> keys;
  keys.reserve(layers.size());
  for (const T& layer : layers) keys.push_back(layer.*key);
  return keys;
}

bool all_differ(const std::vector<std::string>& names) {
  return std::unordered_set(names.begin(), names.end()).size() == names.size();
}

bool holds_all(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  const std::unordered_set<std::string> known(names.begin(), names.end());
  return std::ranges::all_of(wanted, [&](const std::string& name) { return known.contains(name); });
}

/// Names of both sides, when they identify the layers.
struct Keys {
  std::vector<std::string> model;
  std::vector<std::string> file;
  [[nodiscard]] bool usable() const { return all_differ(model) && all_differ(file); }
  [[nodiscard]] bool equal() const {
    return usable() && model.size() == file.size() && holds_all(file, model);
  }
  [[nodiscard]] bool one_within_other() const {
    return usable() && (holds_all(file, model) || holds_all(model, file));
  }
};

void pair_by(const Keys& keys, const std::vector<ModelLayer>& model, const FileWeights& file,
             StagedWeights& staged) {
  std::unordered_map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < keys.file.size(); ++i) position.emplace(keys.file[i], i);
  std::vector<bool> used(file.layers.size(), false);
  for (std::size_t i = 0; i < model.size(); ++i) {
    const auto found = position.find(keys.model[i]);
    if (found == position.end()) {
      staged.missing(model[i].layer.weights());
      continue;
    }
    used[found->second] = true;
    pair_weights(model[i], file.layers[found->second], staged);
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) staged.unused(file.layers[i].weights);
  }
}

std::string first_difference(const Keys& keys) {
  const std::size_t common = std::min(keys.model.size(), keys.file.size());
  std::size_t i = 0;
  while (i < common && keys.model[i] == keys.file[i]) ++i;
  const auto at = [i](const std::vector<std::string>& names) {
    return i < names.size() ? cat("'", names[i], "'") : std::string("nothing");
  };
  return cat("layer ", i + 1, " of them is ", at(keys.model), " in the model and ", at(keys.file),
             " in the file");
}

/// Keras published two files named resnet50_weights_tf_dim_ordering_tf_kernels.h5. In the older one the
/// layers have other names, another order, and another epsilon, and those of its first block even fit by
/// shape.
void refuse_older_resnet(const Keys& names, const StagedWeights& staged) {
  const auto has = [](const std::vector<std::string>& keys, std::string_view name) {
    return std::ranges::find(keys, name) != keys.end();
  };
  if (!has(names.file, "res2a_branch2a") || !has(names.model, "conv2_block1_1_conv")) return;
  fail(ErrorKind::unsupported, staged.file(), " holds the ResNet50 of Keras before 2.2.3 (its layers are ",
       "called res2a_branch2a ...), another network than today's of that name (conv2_block1_1_conv ...). ",
       "Fetch the file from .../keras-applications/resnet/");
}

}  // namespace

std::vector<ModelLayer> layers_with_weights(const Model& model, bool grouped) {
  std::vector<ModelLayer> result;
  if (!grouped) {
    for (const Layer& layer : model.layers()) {
      if (!layer.weights().empty()) result.push_back({layer, layer.name(), ""});
    }
    return result;
  }
  std::unordered_map<std::string, int> count;
  const std::vector<StoredLayer> all = stored_layers(model);
  const auto counts = [](const StoredLayer& stored) {
    return as_model(stored.layer).base() == nullptr && !stored.layer.weights().empty();
  };
  for (const StoredLayer& stored : all) {
    if (counts(stored)) ++count[stored.layer.name()];
  }
  for (const StoredLayer& stored : all) {
    if (!counts(stored)) continue;
    // Two nested models may hold layers of one name; such a name pairs nothing.
    const std::string& name = stored.layer.name();
    result.push_back({stored.layer, count[name] > 1 ? stored.qualified : name, stored.group});
  }
  return result;
}

void pair_layers(const std::vector<ModelLayer>& model, const FileWeights& file, StagedWeights& staged) {
  const Keys names{keys_of(model, &ModelLayer::name), keys_of(file.layers, &FileLayer::name)};
  refuse_older_resnet(names, staged);
  const Keys groups{keys_of(model, &ModelLayer::group), keys_of(file.layers, &FileLayer::group)};
  if (staged.options().by_name) {
    if (!names.usable()) {
      fail(ErrorKind::invalid_argument, staged.file(),
           ": its layers cannot be distinguished by name (names are missing or not unique); load without "
           "by_name");
    }
    pair_by(names, model, file, staged);
  } else if (!names.equal() && file.grouped && groups.equal()) {
    pair_by(groups, model, file, staged);
  } else if (!names.equal() && !file.grouped && model.size() == file.layers.size()) {
    for (std::size_t i = 0; i < model.size(); ++i) pair_weights(model[i], file.layers[i], staged);
  } else if (names.equal() || names.one_within_other()) {
    pair_by(names, model, file, staged);
  } else {
    fail(ErrorKind::shape_mismatch, staged.file(), " has ", file.layers.size(),
         " layers with weights, the model ", model.size(),
         ", and their names do not tell which is which: ", first_difference(names),
         ". Build the architecture that the file was made from, or use by_name");
  }
}

}  // namespace graft::saving

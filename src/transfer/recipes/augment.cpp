// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/layers.hpp"
#include "graft/train.hpp"

namespace graft::transfer {
namespace {

/// The sets of layers by name; false for another name.
bool add_layers(const std::string& name, std::vector<Layer>& added) {
  if (name == "none") return true;
  const bool known = name == "flip" || name == "default" || name == "light" || name == "strong";
  if (!known) return false;
  added.push_back(layers::RandomFlip({.mode = Flip::horizontal}));
  if (name == "default") added.push_back(layers::RandomRotation({.factor = 0.2}));
  if (name == "light") {
    added.push_back(layers::RandomRotation({.factor = 0.05}));
    added.push_back(layers::RandomZoom({.height_factor = 0.1}));
  }
  if (name == "strong") {
    added.push_back(layers::RandomRotation({.factor = 0.2}));
    added.push_back(layers::RandomZoom({.height_factor = 0.2}));
    added.push_back(layers::RandomTranslation({.height_factor = 0.1, .width_factor = 0.1}));
    added.push_back(layers::RandomContrast({.factor = 0.3}));
    added.push_back(layers::RandomBrightness({.factor = 0.2}));
  }
  return true;
}

}  // namespace

Augment augment_from_names(const std::string& names) {
  Augment result;
  int sets = 0;
  for (const std::string& name : split(names, ',')) {
    if (add_layers(name, result.layers)) {
      if (++sets > 1) {
        fail(ErrorKind::invalid_argument, "augment '", names,
             "': expected at most one of none, default, flip, light and strong");
      }
      continue;
    }
    try {
      result.batches.push_back(data::augmentation_from_name(name));
    } catch (const Error& error) {
      fail(ErrorKind::invalid_argument, error.what(), "; sets are none, default, flip, light, strong");
    }
    result.mixes_labels = result.mixes_labels || data::mixes_labels(*result.batches.back());
  }
  return result;
}

}  // namespace graft::transfer

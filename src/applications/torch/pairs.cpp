// SPDX-License-Identifier: Apache-2.0
#include "applications/torch/pairs.hpp"

#include <algorithm>
#include <charconv>

namespace graft::applications {
namespace {

/// The number in a layer's automatic name in Keras: 0 for conv2d, 3 for conv2d_3.
int number_of(const std::string& name) {
  const std::size_t bar = name.rfind('_');
  int number = 0;
  if (bar != std::string::npos) std::from_chars(name.data() + bar + 1, name.data() + name.size(), number);
  return number;
}

}  // namespace

std::vector<std::string> automatic_layers(const Model& model, std::string_view class_name,
                                          std::string_view stem) {
  std::vector<std::string> names;
  for (const models::FoundLayer& found : models::all_layers(model)) {
    if (found.layer.class_name() == class_name && found.layer.name().starts_with(stem))
      names.push_back(found.layer.name());
  }
  std::ranges::sort(names, {}, number_of);
  return names;
}

void add_units(Pairs& pairs, const Model& model, const std::vector<std::string>& units) {
  const std::vector<std::string> convolutions = automatic_layers(model, "Conv2D", "conv2d");
  const std::vector<std::string> normalisations =
      automatic_layers(model, "BatchNormalization", "batch_normalization");
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (i < convolutions.size()) pairs.add(convolutions[i], units[i] + ".conv");
    if (i < normalisations.size()) pairs.add(normalisations[i], units[i] + ".bn");
  }
}

}  // namespace graft::applications

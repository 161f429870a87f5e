// SPDX-License-Identifier: Apache-2.0
// A model that tells red from blue, and pictures for it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"

namespace graft::test {

inline std::string picture(int red, int green, int blue, int side = 16) {
  std::string bytes = "P6\n" + std::to_string(side) + " " + std::to_string(side) + "\n255\n";
  for (int i = 0; i < side * side; ++i)
    bytes += {static_cast<char>(red), static_cast<char>(green), static_cast<char>(blue)};
  return bytes;
}

/// A model of 8 x 8 pixels that tells red from blue; `flipped`: with the names exchanged. Before the
/// activation its outputs are a tenth of the mean blue and of the mean red.
inline void write_model(const std::filesystem::path& file, bool flipped = false,
                        const Json& more = Json::object(), const std::string& activation = "softmax") {
  const SymbolicTensor input = Input({8, 8, 3});
  const SymbolicTensor mean = layers::GlobalAveragePooling2D({.name = "mean"})(input);
  const Layer head = layers::Dense({.units = 2, .activation = activation, .name = "head"});
  const SymbolicTensor output = head(mean);
  const std::vector<float> kernel{0, 0.1F, 0, 0, 0.1F, 0};
  head.weights()[0]->assign(Tensor::from({3, 2}, kernel));
  Json metadata{{"class_names", flipped ? Json{"red", "blue"} : Json{"blue", "red"}},
                {"preprocessing", "in model"}};
  metadata.update(more);
  saving::save_model(Model(input, output), file, {.extra = {{kMetadataEntry, metadata.dump()}}});
}

}  // namespace graft::test

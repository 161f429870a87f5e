// SPDX-License-Identifier: Apache-2.0
// What the Inception networks of Keras share. Most of their layers have automatic names, so the order in
// which layers are made is Keras's too.
#pragma once

#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/layers/layer.hpp"

namespace graft::applications {

/// Convolution without bias, BatchNormalization, without gamma in Keras's definition, ReLU.
struct Unit {
  std::int64_t filters = 0;
  Size2D kernel_size{1};
  std::int64_t strides = 1;
  Padding padding = Padding::same;
};

/// One after another on x.
[[nodiscard]] SymbolicTensor chain(SymbolicTensor x, const std::vector<Unit>& units,
                                   Definition definition = Definition::keras);

/// Averages of 3 x 3, then a unit. At the border Keras averages what is inside; counts_padding: zeros too, as
/// torchvision's InceptionV3.
struct AverageChain {
  Unit unit;
  bool counts_padding = false;
};
[[nodiscard]] SymbolicTensor average_chain(const SymbolicTensor& x, const AverageChain& options,
                                           Definition definition);

/// Layers side by side on x: chains, then perhaps one that begins with pooling; joined by channels.
struct Branches {
  std::vector<std::vector<Unit>> chains;
  std::int64_t average_pool_filters =
      0;                        ///< above 0: averages of 3 x 3 and a 1 x 1 unit with this many filters
  bool counts_padding = false;  ///< of those averages
  bool max_pool = false;        ///< the largest of 3 x 3, at stride 2
  std::string name;             ///< of the Concatenate
  Definition definition = Definition::keras;
};
[[nodiscard]] SymbolicTensor branch(const SymbolicTensor& x, const Branches& branches);

/// The stem of both networks: 3 x 3 convolutions and pooling down to an eighth, 192 channels.
[[nodiscard]] SymbolicTensor inception_stem(const SymbolicTensor& input,
                                            Definition definition = Definition::keras);

/// A unit that halves the size, without padding.
[[nodiscard]] inline Unit halving(std::int64_t filters) {
  return {.filters = filters, .kernel_size = 3, .strides = 2, .padding = Padding::valid};
}

}  // namespace graft::applications

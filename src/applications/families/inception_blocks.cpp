// SPDX-License-Identifier: Apache-2.0
#include "applications/families/inception_blocks.hpp"

#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/normalization.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

namespace graft::applications {

SymbolicTensor chain(SymbolicTensor x, const std::vector<Unit>& units, Definition definition) {
  for (const Unit& unit : units) {
    x = layers::Conv2D({.filters = unit.filters,
                        .kernel_size = unit.kernel_size,
                        .strides = unit.strides,
                        .padding = unit.padding,
                        .use_bias = false})(x);
    x = layers::BatchNormalization({.scale = definition != Definition::keras})(x);
    x = layers::Activation("relu")(x);
  }
  return x;
}

SymbolicTensor average_chain(const SymbolicTensor& x, const AverageChain& options, Definition definition) {
  const SymbolicTensor padded = options.counts_padding ? layers::ZeroPadding2D(1)(x) : x;
  const Padding padding = options.counts_padding ? Padding::valid : Padding::same;
  const SymbolicTensor pool =
      layers::AveragePooling2D({.pool_size = 3, .strides = 1, .padding = padding})(padded);
  return chain(pool, {options.unit}, definition);
}

SymbolicTensor branch(const SymbolicTensor& x, const Branches& branches) {
  std::vector<SymbolicTensor> results;
  for (const std::vector<Unit>& units : branches.chains)
    results.push_back(chain(x, units, branches.definition));
  if (branches.average_pool_filters > 0) {
    results.push_back(average_chain(
        x, {.unit = {.filters = branches.average_pool_filters}, .counts_padding = branches.counts_padding},
        branches.definition));
  }
  if (branches.max_pool) results.push_back(layers::MaxPooling2D({.pool_size = 3, .strides = 2})(x));
  return layers::Concatenate({.axis = 3, .name = branches.name})(results);
}

SymbolicTensor inception_stem(const SymbolicTensor& input, Definition definition) {
  SymbolicTensor x = chain(input,
                           {halving(32),
                            {.filters = 32, .kernel_size = 3, .padding = Padding::valid},
                            {.filters = 64, .kernel_size = 3}},
                           definition);
  x = layers::MaxPooling2D({.pool_size = 3, .strides = 2})(x);
  x = chain(x,
            {{.filters = 80, .kernel_size = 1, .padding = Padding::valid},
             {.filters = 192, .kernel_size = 3, .padding = Padding::valid}},
            definition);
  return layers::MaxPooling2D({.pool_size = 3, .strides = 2})(x);
}

}  // namespace graft::applications

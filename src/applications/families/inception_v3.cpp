// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/layers/merging.hpp"

#include "applications/building.hpp"
#include "applications/families.hpp"
#include "applications/families/inception_blocks.hpp"

namespace graft::applications {
namespace inception_v3 {
namespace {

struct Variant {
  Traits traits;
};
// Accuracy: https://keras.io/api/applications/
constexpr Variant kInceptionV3{.traits = {.name = "inception_v3",
                                          .keras_name = "InceptionV3",
                                          .default_size = 299,
                                          .min_size = 75,
                                          .has_torch_definition = true,
                                          .preprocessing = Preprocessing::tf,
                                          // Trained by TensorFlow's authors: torchvision turns its
                                          // standardised pixels back with transform_input.
                                          .torch_preprocessing = Preprocessing::tf,
                                          .accuracy = {.top1 = 0.779, .top5 = 0.937}}};

constexpr Size2D kRow{1, 7};
constexpr Size2D kColumn{7, 1};

/// The body's blocks in one definition.
class Blocks {
 public:
  explicit Blocks(Definition definition) : definition_(definition) {}

  [[nodiscard]] SymbolicTensor mixed_35(const SymbolicTensor& x, std::int64_t pool_filters,
                                        const std::string& name) const {
    return joined(x, {.chains = {{{64}}, {{48}, {64, 5}}, {{64}, {96, 3}, {96, 3}}},
                      .average_pool_filters = pool_filters,
                      .name = name});
  }

  /// 7 x 7 filters as rows and columns; narrow: filters within.
  [[nodiscard]] SymbolicTensor mixed_17(const SymbolicTensor& x, std::int64_t narrow,
                                        const std::string& name) const {
    return joined(x,
                  {.chains = {{{192}},
                              {{narrow}, {narrow, kRow}, {192, kColumn}},
                              {{narrow}, {narrow, kColumn}, {narrow, kRow}, {narrow, kColumn}, {192, kRow}}},
                   .average_pool_filters = 192,
                   .name = name});
  }

  /// index: 0 and 1. The second Concatenate within has an automatic name.
  [[nodiscard]] SymbolicTensor mixed_8(const SymbolicTensor& x, int index) const {
    const SymbolicTensor pointwise = chain(x, {{320}}, definition_);
    const SymbolicTensor single = row_and_column(chain(x, {{384}}, definition_), cat("mixed9_", index));
    const SymbolicTensor twofold = row_and_column(chain(x, {{448}, {384, 3}}, definition_), "");
    const SymbolicTensor pool =
        average_chain(x, {.unit = {192}, .counts_padding = definition_ != Definition::keras}, definition_);
    return layers::Concatenate({.axis = 3, .name = cat("mixed", 9 + index)})(
        {pointwise, single, twofold, pool});
  }

  [[nodiscard]] SymbolicTensor joined(const SymbolicTensor& x, Branches branches) const {
    branches.definition = definition_;
    branches.counts_padding = definition_ != Definition::keras;
    return branch(x, branches);
  }

 private:
  /// 3 x 3 filters as a row beside a column.
  [[nodiscard]] SymbolicTensor row_and_column(const SymbolicTensor& x, const std::string& name) const {
    return joined(x, {.chains = {{{384, Size2D{1, 3}}}, {{384, Size2D{3, 1}}}}, .name = name});
  }

  Definition definition_;
};

SymbolicTensor body(const SymbolicTensor& input, Definition definition) {
  const Blocks blocks(definition);
  SymbolicTensor x = inception_stem(input, definition);
  x = blocks.mixed_35(x, 32, "mixed0");
  x = blocks.mixed_35(x, 64, "mixed1");
  x = blocks.mixed_35(x, 64, "mixed2");
  x = blocks.joined(
      x, {.chains = {{halving(384)}, {{64}, {96, 3}, halving(96)}}, .max_pool = true, .name = "mixed3"});
  x = blocks.mixed_17(x, 128, "mixed4");
  x = blocks.mixed_17(x, 160, "mixed5");
  x = blocks.mixed_17(x, 160, "mixed6");
  x = blocks.mixed_17(x, 192, "mixed7");
  x = blocks.joined(x, {.chains = {{{192}, halving(320)}, {{192}, {192, kRow}, {192, kColumn}, halving(192)}},
                        .max_pool = true,
                        .name = "mixed8"});
  x = blocks.mixed_8(x, 0);
  return blocks.mixed_8(x, 1);
}

Model build(const Variant& variant, const ApplicationOptions& options) {
  const Start begun = start(variant.traits, options);
  const SymbolicTensor x = average_and_classify(body(begun.x, options.definition), options);
  return finish(variant, options, begun, x);
}

constexpr std::array kMembers{entry<kInceptionV3, build, published>()};

}  // namespace
}  // namespace inception_v3

std::span<const Application> inception_v3_family() { return inception_v3::kMembers; }

Model InceptionV3(const ApplicationOptions& options) {
  return inception_v3::build(inception_v3::kInceptionV3, options);
}

}  // namespace graft::applications

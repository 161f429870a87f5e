// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"

namespace graft::models {
namespace {

/// input, block1_conv, block1_pool, block2_conv, block12_conv, flatten, head.
Model small() {
  const SymbolicTensor input = Input({8, 8, 3}, "input");
  const auto conv = [](const char* name) {
    return layers::Conv2D({.filters = 2, .kernel_size = 1, .name = name});
  };
  SymbolicTensor x = conv("block1_conv")(input);
  x = layers::MaxPooling2D({.pool_size = 2, .name = "block1_pool"})(x);
  x = conv("block2_conv")(x);
  x = conv("block12_conv")(x);
  x = layers::Flatten({.name = "flatten"})(x);
  return {input, layers::Dense({.units = 3, .name = "head"})(x), "small"};
}

std::vector<std::string> trainable(const Model& model) {
  std::vector<std::string> names;
  for (const Layer& layer : model.layers()) {
    if (!layer.trainable_weights().empty()) names.push_back(layer.name());
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Freeze, ByNamesIndexNameBlockAndLastN) {
  const struct {
    FreezeOptions options;
    Names trainable;
  } cases[] = {
      {{.names = "block1*"}, {"block2_conv", "head"}},
      {{.names = "block1_*"}, {"block2_conv", "block12_conv", "head"}},
      {{.names = "block?_conv|head"}, {"block12_conv"}},
      {{.names = "re:block[0-9]+_conv"}, {"head"}},
      {{.from = "3"}, {"block2_conv", "block12_conv", "head"}},
      {{.from = "0"}, {"block1_conv", "block2_conv", "block12_conv", "head"}},
      {{.from = "block12_conv"}, {"block12_conv", "head"}},
      {{.block = "block2"}, {"block2_conv", "block12_conv", "head"}},
      {{.block = "block1"}, {"block1_conv", "block2_conv", "block12_conv", "head"}},
      {{.last_n = 2}, {"block12_conv", "head"}},
      {{.last_n = 0}, {}},
      {{.last_n = 99}, {"block1_conv", "block2_conv", "block12_conv", "head"}},
      {{.names = "head", .from = "block2_conv"}, {"block2_conv", "block12_conv"}},
  };
  Model model = small();
  for (const auto& one : cases) {
    const FreezeReport report = freeze(model, one.options);
    EXPECT_EQ(trainable(model), one.trainable) << one.options.names << one.options.from << one.options.block;
    EXPECT_EQ(report.first_trainable, one.trainable.empty() ? "" : one.trainable.front());
    EXPECT_EQ(report.frozen.size() + one.trainable.size(), 4U);
    EXPECT_EQ(report.trainable_params, count_params(model.trainable_weights()));
  }
}

TEST(Freeze, ABlocksNumberIsNotTheBeginningOfAnother) {
  const SymbolicTensor input = Input({4}, "input");
  const SymbolicTensor x = layers::Dense({.units = 3, .name = "part10_a"})(input);
  Model model(input, layers::Dense({.units = 2, .name = "part1_a"})(x));
  EXPECT_EQ(freeze(model, {.block = "part1"}).frozen, Names{"part10_a"});
}

TEST(Freeze, ReachesIntoNestedModels) {
  const SymbolicTensor input = Input({8, 8, 3}, "raw");
  const SymbolicTensor scaled =
      layers::Conv2D({.filters = 3, .kernel_size = 1, .name = "preprocess_bgr"})(input);
  const Model base = small();
  Model model(input, layers::Dense({.units = 2, .name = "last"})(base(scaled)));
  const auto inner = [&] { return trainable(base); };
  EXPECT_EQ(freeze(model, {.from = "block2_conv"}).first_trainable, "block2_conv");
  EXPECT_EQ(inner(), (Names{"block2_conv", "block12_conv", "head"}));
  EXPECT_EQ(trainable(model), (Names{"small", "last"}));
  const FreezeReport report = freeze(model, {.names = "block1_*|small/head"});
  EXPECT_EQ(inner(), (Names{"block2_conv", "block12_conv"}));
  EXPECT_EQ(report.frozen, (Names{"block1_conv", "head"}));
  EXPECT_EQ(report.frozen_layers, 3U);  // block1_pool too
  EXPECT_EQ(report.layers, 10U);        // raw, preprocess_bgr, the seven of the base, last
  EXPECT_EQ(freeze(model, {.names = "small"}).frozen_layers, 7U);
  EXPECT_EQ(trainable(model), Names{"last"});
  EXPECT_EQ(freeze(model, {.last_n = 2}).first_trainable, "head");
  EXPECT_EQ(freeze(model, {.block = "block12"}).first_trainable, "block12_conv");
  EXPECT_EQ(freeze(model, {.from = "last"}).first_trainable, "last");
  EXPECT_EQ(inner(), Names{});
  EXPECT_EQ(freeze(model, {.from = "0"}).first_trainable, "block1_conv");  // preprocessing never trains
  EXPECT_THROW((void)freeze(model, {.from = "block2_con"}), Error);
}

TEST(Freeze, WrongChoicesChangeNothingAndListSimilarNames) {
  Model model = small();
  (void)freeze(model, {.last_n = 1});
  const FreezeOptions wrong[] = {{},
                                 {.names = "blok*"},
                                 {.names = "block1_convv"},
                                 {.names = "re:("},
                                 {.from = "7"},
                                 {.from = "-1"},
                                 {.from = "block2_con"},
                                 {.block = "blok2"},
                                 {.last_n = -1}};
  for (const FreezeOptions& options : wrong) {
    EXPECT_THROW((void)freeze(model, options), Error) << options.names << options.from << options.block;
    EXPECT_EQ(trainable(model), Names{"head"});
  }
  try {
    (void)freeze(model, {.from = "block2_con"});
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("block2_conv"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace graft::models

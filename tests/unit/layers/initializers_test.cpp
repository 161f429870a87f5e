// SPDX-License-Identifier: Apache-2.0
// Keras's VarianceScaling: the one initializer with settings.
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/error.hpp"
#include "graft/layers/conv2d.hpp"
#include "graft/layers/dense.hpp"
#include "graft/layers/input_layer.hpp"

namespace graft::layers {
namespace {

struct Spread {
  double mean = 0, deviation = 0, largest = 0;
};

/// Of the kernel (3, 3, 20, 50) of a convolution with that initializer.
Spread kernel_of(const std::string& initializer) {
  const Layer layer = Conv2D({.filters = 50,
                              .kernel_size = 3,
                              .use_bias = false,
                              .kernel_initializer = initializer,
                              .name = "conv"});
  (void)layer(Input({8, 8, 20}));
  const auto values = layer.weights().front()->value().data<float>();
  const auto count = static_cast<double>(values.size());
  Spread spread;
  for (const float x : values) {
    spread.mean += x / count;
    spread.largest = std::max(spread.largest, std::abs(static_cast<double>(x)));
  }
  for (const float x : values) spread.deviation += (x - spread.mean) * (x - spread.mean) / count;
  spread.deviation = std::sqrt(spread.deviation);
  return spread;
}

TEST(VarianceScaling, FollowsItsSettings) {
  const double in = 9 * 20;
  const double out = 9 * 50;
  const Spread normal = kernel_of("variance_scaling(2,fan_out,truncated_normal)");
  EXPECT_NEAR(normal.deviation, std::sqrt(2 / out), 0.03 * std::sqrt(2 / out));
  EXPECT_LE(normal.largest, 2 * std::sqrt(2 / out) / 0.8796);
  const Spread uniform = kernel_of("variance_scaling(0.5,fan_in,uniform)");
  EXPECT_NEAR(uniform.deviation, std::sqrt(0.5 / in), 0.03 * std::sqrt(0.5 / in));
  EXPECT_LE(uniform.largest, std::sqrt(1.5 / in));
  const Spread plain = kernel_of("variance_scaling(1,fan_avg,untruncated_normal)");
  EXPECT_NEAR(plain.deviation, std::sqrt(2 / (in + out)), 0.03 * std::sqrt(2 / (in + out)));
  EXPECT_GT(plain.largest, 2.5 * std::sqrt(2 / (in + out)));
}

TEST(VarianceScaling, IsAnObjectInTheConfig) {
  const char* name = "variance_scaling(0.3333333333333333,fan_out,uniform)";
  const Layer layer = Dense({.units = 4, .kernel_initializer = name, .name = "dense"});
  const Json config = layer.config();
  EXPECT_EQ(config.at("kernel_initializer"),
            Json::parse(R"({"module": "keras.initializers", "class_name": "VarianceScaling",
                            "config": {"scale": 0.3333333333333333, "mode": "fan_out",
                                       "distribution": "uniform", "seed": null},
                            "registered_name": null})"));
  EXPECT_EQ(dense_from_config(config).config(), config);
  Json keras2 = config;
  keras2["kernel_initializer"]["config"]["distribution"] = "normal";
  EXPECT_EQ(dense_from_config(keras2).config().at("kernel_initializer").at("config").at("distribution"),
            "truncated_normal");
}

TEST(VarianceScaling, OtherSettingsAreRefused) {
  for (const char* name :
       {"variance_scaling(0,fan_out,uniform)", "variance_scaling(2,fan_up,uniform)", "variance_scaling(2)",
        "variance_scaling(2,fan_out,cauchy)", "variance_scaling(2x,fan_out,uniform)"}) {
    EXPECT_THROW((void)kernel_of(name), Error) << name;
  }
}

}  // namespace
}  // namespace graft::layers

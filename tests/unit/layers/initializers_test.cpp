// SPDX-License-Identifier: Apache-2.0
// Keras's initializers: statistics, configs, refusals.
#include <cmath>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/registry.hpp"

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
  EXPECT_EQ(from_config("Dense", config).config(), config);
  Json keras2 = config;
  keras2["kernel_initializer"]["config"]["distribution"] = "normal";
  EXPECT_EQ(from_config("Dense", keras2).config().at("kernel_initializer").at("config").at("distribution"),
            "truncated_normal");
}

TEST(VarianceScaling, OtherSettingsAreRefused) {
  for (const char* name : {"variance_scaling(0,fan_out,uniform)", "variance_scaling(2,fan_up,uniform)",
                           "variance_scaling(2,fan_in,uniform,1,2)", "variance_scaling(2,fan_out,cauchy)",
                           "variance_scaling(2x,fan_out,uniform)"}) {
    EXPECT_THROW((void)kernel_of(name), Error) << name;
  }
}

TEST(Initializers, StatisticsAreKerass) {
  const double in = 9 * 20;
  const double out = 9 * 50;
  struct Case {
    const char* name;
    double mean, deviation, largest;  // of |x|
  };
  for (const Case& one :
       {Case{"random_normal", 0, 0.05, 0.3}, Case{"random_normal(0.5,0.1)", 0.5, 0.1, 1.1},
        Case{"truncated_normal(0,0.1)", 0, 0.0879626, 0.2},
        Case{"random_uniform(-0.2,0.6)", 0.2, 0.8 / std::sqrt(12.0), 0.6},
        Case{"glorot_uniform", 0, std::sqrt(2 / (in + out)), std::sqrt(6 / (in + out))},
        Case{"glorot_normal", 0, std::sqrt(2 / (in + out)), 2.28 * std::sqrt(2 / (in + out))},
        Case{"he_uniform", 0, std::sqrt(2 / in), std::sqrt(6 / in)},
        Case{"he_normal", 0, std::sqrt(2 / in), 2.28 * std::sqrt(2 / in)},
        Case{"lecun_uniform", 0, std::sqrt(1 / in), std::sqrt(3 / in)},
        Case{"lecun_normal", 0, std::sqrt(1 / in), 2.28 * std::sqrt(1 / in)},
        Case{"constant(0.25)", 0.25, 0, 0.2500001}, Case{"ones", 1, 0, 1}, Case{"zeros", 0, 0, 0}}) {
    const Spread spread = kernel_of(one.name);
    EXPECT_NEAR(spread.mean, one.mean, 0.04 * one.deviation + 1e-9) << one.name;
    EXPECT_NEAR(spread.deviation, one.deviation, 0.03 * one.deviation + 1e-9) << one.name;
    EXPECT_LE(spread.largest, one.largest) << one.name;
  }
}

/// The kernel (rows, columns) of a Dense layer.
std::vector<float> matrix(std::int64_t rows, std::int64_t columns, const std::string& initializer,
                          const std::string& name = "dense") {
  const Layer layer = Dense({.units = columns, .kernel_initializer = initializer, .name = name});
  (void)layer(Input({rows}));
  const auto values = layer.weights().front()->value().data<float>();
  return {values.begin(), values.end()};
}

TEST(Initializers, OrthogonalHasOrthogonalVectorsAlongTheShorterSide) {
  for (const auto& [rows, columns] : {std::pair{7, 4}, std::pair{4, 7}, std::pair{5, 5}}) {
    const std::vector<float> m = matrix(rows, columns, "orthogonal(2)");
    const bool tall = rows >= columns;
    const int count = std::min(rows, columns);
    for (int a = 0; a < count; ++a) {
      for (int b = 0; b < count; ++b) {
        double product = 0;
        for (int k = 0; k < std::max(rows, columns); ++k) {
          const auto at = [&](int i) {
            return static_cast<std::size_t>(tall ? k * columns + i : i * columns + k);
          };
          product += static_cast<double>(m[at(a)]) * m[at(b)];
        }
        EXPECT_NEAR(product, a == b ? 4 : 0, 1e-5) << rows << "x" << columns;
      }
    }
  }
}

TEST(Initializers, IdentityIsOneOnTheDiagonal) {
  EXPECT_EQ(matrix(2, 3, "identity"), (std::vector<float>{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(matrix(3, 2, "identity(0.5)"), (std::vector<float>{0.5, 0, 0, 0.5, 0, 0}));
  EXPECT_THROW((void)kernel_of("identity"), Error);
}

TEST(Initializers, ASeedOfItsOwnGivesTheSameNumbersAnywhere) {
  EXPECT_EQ(matrix(3, 2, "he_normal(seed=7)", "a"), matrix(3, 2, "he_normal(7)", "b"));
  EXPECT_NE(matrix(3, 2, "he_normal", "a"), matrix(3, 2, "he_normal", "b"));
}

TEST(Initializers, ConfigsOfKerasAreReadAndWritten) {
  for (const auto& [name, class_name, settings] :
       {std::tuple{"random_normal(0.5,0.1)", "RandomNormal", R"({"mean": 0.5, "stddev": 0.1, "seed": null})"},
        std::tuple{"constant(0.25)", "Constant", R"({"value": 0.25})"},
        std::tuple{"orthogonal(1.5,3)", "Orthogonal", R"({"gain": 1.5, "seed": 3})"},
        std::tuple{"glorot_uniform(5)", "GlorotUniform", R"({"seed": 5})"},
        std::tuple{"identity(2)", "Identity", R"({"gain": 2.0})"}}) {
    const Json written = Dense({.units = 4, .kernel_initializer = name, .name = "dense"}).config();
    EXPECT_EQ(written.at("kernel_initializer").at("class_name"), class_name);
    EXPECT_EQ(written.at("kernel_initializer").at("config"), Json::parse(settings));
    EXPECT_EQ(from_config("Dense", written).config(), written) << name;
  }
  Json array = Dense({.units = 4, .name = "dense"}).config();
  array["kernel_initializer"] = Json::parse(R"({"class_name": "Constant", "config": {"value": [1, 2]}})");
  EXPECT_EQ(from_config("Dense", array).config().at("kernel_initializer"), "glorot_uniform");
}

TEST(Initializers, UnknownOnesAreRefusedWithWhatThereIs) {
  try {
    (void)kernel_of("he_norml");
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("he_normal"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace graft::layers

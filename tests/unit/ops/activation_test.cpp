// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/activation.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "graft/error.hpp"

namespace graft::ops {
namespace {

const char* const kNames[] = {"linear",      "relu",        "relu6",        "leaky_relu",  "sigmoid",
                              "tanh",        "silu",        "hard_sigmoid", "hard_silu",   "elu",
                              "selu",        "softplus",    "softsign",     "exponential", "gelu",
                              "gelu_tanh",   "mish",        "log_sigmoid",  "hard_tanh",   "tanh_shrink",
                              "soft_shrink", "hard_shrink", "squareplus",   "sparse_plus", "sparse_sigmoid"};

/// Away from the kinks at -3, 0, 3 and 6.
const double kPlaces[] = {-4.3, -2.7, -1.1, -0.4, 0.3, 0.9, 2.2, 3.7, 5.1, 6.6};

TEST(Activation, DerivativesAreDifferences) {
  for (const char* name : kNames) {
    const Activation activation = activation_from_name(name);
    for (const double x : kPlaces) {
      constexpr double kStep = 1e-2;
      const double rise = activate(activation, static_cast<float>(x + kStep)) -
                          activate(activation, static_cast<float>(x - kStep));
      const double slope = activation_derivative(activation, static_cast<float>(x));
      EXPECT_NEAR(slope, rise / (2 * kStep), 1e-3 * (1 + std::abs(slope))) << name << " at " << x;
    }
  }
}

TEST(Activation, TheDerivativeFromTheOutputIsTheSame) {
  int known = 0;
  for (const char* name : kNames) {
    const Activation activation = activation_from_name(name);
    if (!derivative_from_output(activation)) continue;
    ++known;
    for (const double place : kPlaces) {
      const auto x = static_cast<float>(place);
      const float slope = activation_derivative(activation, x);
      EXPECT_NEAR(activation_derivative_of_output(activation, activate(activation, x)), slope,
                  1e-4 * (1 + std::abs(slope)))
          << name << " at " << x;
    }
  }
  EXPECT_GE(known, 5);
  EXPECT_FALSE(derivative_from_output(activation_from_name("silu")));
}

TEST(Activation, NamesComeBack) {
  for (const char* name : kNames) {
    EXPECT_TRUE(is_activation_name(name));
    EXPECT_EQ(activation_from_name(activation_name(activation_from_name(name))), activation_from_name(name));
  }
  EXPECT_EQ(activation_from_name("swish"), activation_from_name("silu"));
  EXPECT_THROW((void)activation_from_name("softmaxx"), Error);
}

TEST(Activation, LargeNumbersStayFinite) {
  for (const char* name : {"sigmoid", "tanh", "silu", "softplus", "elu", "gelu"}) {
    for (const float x : {-200.0F, 200.0F}) {
      EXPECT_TRUE(std::isfinite(activate(activation_from_name(name), x))) << name << " at " << x;
      EXPECT_TRUE(std::isfinite(activation_derivative(activation_from_name(name), x))) << name << " at " << x;
    }
  }
}

}  // namespace
}  // namespace graft::ops

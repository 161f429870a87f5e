// SPDX-License-Identifier: Apache-2.0
// Initializers, regularizers and constraints as values.
#include "graft/layers/values.hpp"

#include "layer_test.hpp"

namespace graft::layers {
namespace {

std::string text(const std::string& call) { return call; }

TEST(Values, AreTheCallsOfTheirNames) {
  EXPECT_EQ(text(Zeros{}), "zeros");
  EXPECT_EQ(text(Ones{}), "ones");
  EXPECT_EQ(text(Constant{0.5}), "constant(0.5)");
  EXPECT_EQ(text(Identity{2}), "identity(2)");
  EXPECT_EQ(text(RandomNormal{.stddev = 0.02}), "random_normal(0,0.02)");
  EXPECT_EQ(text(RandomNormal{.seed = 3}), "random_normal(0,0.05,3)");
  EXPECT_EQ(text(TruncatedNormal{}), "truncated_normal");
  EXPECT_EQ(text(RandomUniform{-1, 1}), "random_uniform(-1,1)");
  EXPECT_EQ(text(VarianceScaling{.mode = "fan_out"}), "variance_scaling(1,fan_out)");
  EXPECT_EQ(text(Orthogonal{}), "orthogonal");
  EXPECT_EQ(text(L1{}), "l1");
  EXPECT_EQ(text(L2{1e-4}), "l2(1e-04)");
  EXPECT_EQ(text(L1L2{}), "l1_l2");
  EXPECT_EQ(text(L1L2{.l2 = 0.5}), "l1_l2(0,0.5)");
  EXPECT_EQ(text(OrthogonalRegularizer{.mode = "columns"}), "orthogonal_regularizer(0.01,columns)");
  EXPECT_EQ(text(MaxNorm{3}), "max_norm(3)");
  EXPECT_EQ(text(MaxNorm{.axis = {0, 1, 2}}), "max_norm(2,[0,1,2])");
  EXPECT_EQ(text(NonNeg{}), "non_neg");
  EXPECT_EQ(text(UnitNorm{{1}}), "unit_norm(1)");
  EXPECT_EQ(text(MinMaxNorm{.rate = 0.5}), "min_max_norm(0,1,0.5)");
}

TEST(Values, AreOptionsOfLayersAsTheirNamesAre) {
  const Json typed = Dense({.units = 3,
                            .kernel_initializer = RandomNormal{.stddev = 0.02},
                            .kernel_regularizer = L2{1e-4},
                            .kernel_constraint = MaxNorm{3},
                            .name = "x"})
                         .config();
  const Json named = Dense({.units = 3,
                            .kernel_initializer = "random_normal(0,0.02)",
                            .kernel_regularizer = "l2(0.0001)",
                            .kernel_constraint = "max_norm(3)",
                            .name = "x"})
                         .config();
  EXPECT_EQ(typed.dump(), named.dump());
}

TEST(Values, RefuseArgumentsThatKerasRefuses) {
  EXPECT_THROW((void)text(L2{-1}), Error);
  EXPECT_THROW((void)text(VarianceScaling{.mode = "fan_of"}), Error);
  EXPECT_THROW((void)text(MaxNorm{.axis = {9}}), Error);
}

}  // namespace
}  // namespace graft::layers

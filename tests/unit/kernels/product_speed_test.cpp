// SPDX-License-Identifier: Apache-2.0
#include "graft/kernels/product_speed.hpp"

#include <gtest/gtest.h>

#include "graft/error.hpp"

namespace graft::kernels {
namespace {

TEST(ProductSpeed, IsMeasuredOnThisMachine) {
  for (const DType dtype : {DType::float32, DType::bfloat16}) {
    const double speed = product_speed(dtype, 129);
    EXPECT_GT(speed, 1e6) << "fewer than a million operations a second";
    EXPECT_LT(speed, 1e15);
  }
}

TEST(ProductSpeed, RefusesOtherTypes) {
  EXPECT_THROW(static_cast<void>(product_speed(DType::int8, 64)), Error);
}

}  // namespace
}  // namespace graft::kernels

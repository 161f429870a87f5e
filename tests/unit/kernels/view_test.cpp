// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/kernels/kernel.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels::test {
namespace {

TEST(View, ReadsElementsOfItsTypeOnly) {
  const Tensor floats = Tensor::full({3}, 2);
  EXPECT_EQ(view_of(floats).as<float>(), floats.data().data());
  EXPECT_THROW((void)view_of(floats).as<std::uint16_t>(), Error);
  const Tensor rounded = floats.to(DType::bfloat16);
  EXPECT_EQ(*view_of(rounded).as<std::uint16_t>(), to_bfloat16(2));
  EXPECT_THROW((void)view_of(rounded).as<float>(), Error);
  EXPECT_EQ(View{}.as<std::int8_t>(), nullptr);
}

/// Otherwise bits of another type would silently be read as numbers.
TEST(View, AKernelRefusesArgumentsOfAnotherTypeThanItsSpec) {
  const Shape shape{2, 4, 4, 32};
  const Shape kernel_shape{1, 1, 32, 16};
  const Shape y_shape{2, 4, 4, 16};
  const Tensor x = Tensor::full(shape, 1).to(DType::bfloat16);
  const Tensor weights = Tensor::full(kernel_shape, 1);
  Tensor y(y_shape);
  const auto activation = make_kernel({ops::ActivationForward{}, {{shape}}, {{shape}}});
  Tensor same(shape);
  EXPECT_THROW(activation->run({}, std::vector<View>{view_of(x)}, std::vector<MutableView>{view_of(same)}),
               Error);
  const auto convolution = make_kernel({ops::Convolution{}, {{shape}, {kernel_shape}}, {{y_shape}}});
  const std::vector<View> inputs{view_of(x), view_of(weights)};
  EXPECT_THROW(convolution->run({}, inputs, std::vector<MutableView>{view_of(y)}), Error);
}

}  // namespace
}  // namespace graft::kernels::test

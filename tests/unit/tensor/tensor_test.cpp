// SPDX-License-Identifier: Apache-2.0
#include "graft/tensor/tensor.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/error.hpp"

namespace graft {
namespace {

TEST(Shape, PrintsAsKerasDoes) {
  EXPECT_EQ(Shape({-1, 7, 7, 512}).to_string(), "(None, 7, 7, 512)");
  EXPECT_EQ(Shape({10}).to_string(), "(10,)");
  EXPECT_EQ(Shape().to_string(), "()");
}

TEST(Shape, CountRefusesOpenAndHugeShapes) {
  EXPECT_EQ(Shape({2, 3, 4}).count(), 24);
  EXPECT_THROW((void)Shape({-1, 3}).count(), Error);
  EXPECT_THROW((void)Shape({1LL << 40, 1LL << 40}).count(), Error);
  EXPECT_EQ((Shape{2, 3, 4}[-1]), 4);
  EXPECT_THROW((void)(Shape{2}[1]), Error);
}

TEST(Tensor, StartsAtZeroAndIsAligned) {
  Tensor tensor(Shape{3, 5});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.raw()) % 64, 0U);
  for (const float value : tensor.data<float>()) EXPECT_EQ(value, 0.0F);
}

TEST(Tensor, HandlesShareAndClonesDoNot) {
  Tensor a = Tensor::full({4}, 1);
  Tensor shared = a;
  Tensor copy = a.clone();
  a.data<float>()[0] = 9;
  EXPECT_EQ(shared.data<float>()[0], 9.0F);
  EXPECT_EQ(copy.data<float>()[0], 1.0F);
}

TEST(Tensor, SliceAndReshapeShareStorage) {
  Tensor a(Shape{4, 3});
  Tensor rows = a.slice(1, 3).reshape({6});
  rows.data<float>()[0] = 5;
  EXPECT_EQ(a.data<float>()[3], 5.0F);
  EXPECT_THROW((void)a.slice(3, 5), Error);
  EXPECT_THROW((void)a.reshape({5}), Error);
}

TEST(Tensor, WrongElementTypeIsAnError) { EXPECT_THROW((void)Tensor(Shape{2}).data<std::uint8_t>(), Error); }

TEST(Tensor, HugeTensorIsAnErrorNotACrash) {
  EXPECT_THROW(Tensor(Shape{std::numeric_limits<std::int64_t>::max() / 4}), Error);
}

TEST(DType, HalfFormatsConvert) {
  EXPECT_EQ(from_float16(0x3C00), 1.0F);
  EXPECT_EQ(from_float16(0xC000), -2.0F);
  EXPECT_EQ(from_float16(0x0001), std::ldexp(1.0F, -24));
  EXPECT_TRUE(std::isinf(from_float16(0x7C00)));
  EXPECT_EQ(from_bfloat16(0x3F80), 1.0F);
  EXPECT_EQ(to_bfloat16(1.0F + 1.0F / 256), 0x3F80);  // half way rounds to even
  EXPECT_EQ(to_bfloat16(1.0F + 3.0F / 256), 0x3F82);
}

TEST(Tensor, ConvertsBetweenTypes) {
  const std::array<float, 3> values{1, 2.5F, -3};
  const Tensor a = Tensor::from({3}, values);
  EXPECT_EQ(a.to(DType::int32).data<std::int32_t>()[2], -3);
  EXPECT_EQ(a.to(DType::float64).data<double>()[1], 2.5);
  EXPECT_EQ(a.to(DType::float64).to(DType::float32).data<float>()[0], 1.0F);
}

}  // namespace
}  // namespace graft

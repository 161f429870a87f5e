// SPDX-License-Identifier: Apache-2.0
#include "graft/tensor.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "graft/error.hpp"

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

TEST(Tensor, FromCopiesValuesOfEveryType) {
  const std::array<std::uint8_t, 2> bytes{7, 255};
  EXPECT_EQ(Tensor::from({2}, bytes).data<std::uint8_t>()[1], 255);
  const std::array<std::int32_t, 2> labels{3, -4};
  EXPECT_EQ(Tensor::from({2}, labels).data<std::int32_t>()[1], -4);
  const std::array<std::int64_t, 1> large{1LL << 40};
  EXPECT_EQ(Tensor::from({1}, large).data<std::int64_t>()[0], 1LL << 40);
  const std::array<double, 1> exact{0.1};
  EXPECT_EQ(Tensor::from({1}, exact).data<double>()[0], 0.1);
  EXPECT_THROW((void)Tensor::from({3}, labels), Error);
}

TEST(Tensor, AtReadsAndWritesOneElement) {
  Tensor images(Shape{2, 3, 4, 5});
  images.at(1, 2, 3, 4) = 7;
  EXPECT_EQ(images.data().back(), 7.0F);
  images.at(0, 1, 0, 2) = 5;
  EXPECT_EQ(images.data()[22], 5.0F);
  EXPECT_EQ(std::as_const(images).at(0, 1, 0, 2), 5.0F);
}

TEST(Tensor, AtRefusesWrongPositionsAndTypes) {
  const Tensor images(Shape{2, 3});
  EXPECT_THROW((void)images.at(2, 0), Error);
  EXPECT_THROW((void)images.at(0, -1), Error);
  EXPECT_THROW((void)images.at(0), Error);
  EXPECT_THROW((void)images.at<std::int32_t>(0, 0), Error);
}

TEST(Tensor, ToLimitsFloatsToTheRangeOfIntegers) {
  const std::array<float, 5> values{-300, 300, 2.9F, std::nanf(""), 1e30F};
  const Tensor tensor = Tensor::from({5}, values);
  const Tensor small = tensor.to(DType::int8);
  EXPECT_EQ(small.at<std::int8_t>(0), -128);
  EXPECT_EQ(small.at<std::int8_t>(1), 127);
  EXPECT_EQ(small.at<std::int8_t>(2), 2);
  EXPECT_EQ(small.at<std::int8_t>(3), 0);
  EXPECT_EQ(tensor.to(DType::uint8).at<std::uint8_t>(0), 0);
  EXPECT_EQ(tensor.to(DType::int16).at<std::int16_t>(1), 300);
  EXPECT_EQ(tensor.to(DType::int64).at<std::int64_t>(4), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(tensor.to(DType::boolean).to(DType::float32).at(0), 1.0F);
}

TEST(DType, Float16RoundsToNearestEven) {
  for (int bits = 0; bits < 0x7C00; ++bits)  // every finite number that is not negative comes back
    EXPECT_EQ(to_float16(from_float16(static_cast<std::uint16_t>(bits))), bits);
  EXPECT_EQ(to_float16(-2.0F), 0xC000);
  EXPECT_EQ(to_float16(1.0F + 1.0F / 2048), 0x3C00);  // half way: to even
  EXPECT_EQ(to_float16(1.0F + 3.0F / 2048), 0x3C02);
  EXPECT_EQ(to_float16(65519.0F), 0x7BFF);
  EXPECT_EQ(to_float16(65520.0F), 0x7C00);          // half way to 2^16: infinity
  EXPECT_EQ(to_float16(std::ldexp(1.0F, -25)), 0);  // half of the least: to even
  EXPECT_EQ(to_float16(std::ldexp(1.5F, -25)), 1);
  EXPECT_EQ(to_float16(-std::numeric_limits<float>::infinity()), 0xFC00);
  EXPECT_TRUE(std::isnan(from_float16(to_float16(std::nanf("")))));
}

TEST(Tensor, ToFloat16AndBack) {
  const std::array<float, 3> values{1, -0.5F, 1024};
  const Tensor tensor = Tensor::from({3}, values).to(DType::float16);
  EXPECT_EQ(tensor.dtype(), DType::float16);
  EXPECT_EQ(tensor.to(DType::float32).at(2), 1024.0F);
}

TEST(Tensor, PrintsShapeTypeAndElements) {
  const std::array<std::int32_t, 4> values{1, 2, 3, -4};
  EXPECT_EQ(to_string(Tensor::from({2, 2}, values)), "int32 (2, 2)\n[[1, 2], [3, -4]]");
  EXPECT_EQ(to_string(Tensor::full({2, 7}, 0.5F)),
            "float32 (2, 7)\n[[0.5, 0.5, 0.5, ..., 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, ..., 0.5, 0.5, 0.5]]");
  EXPECT_EQ(to_string(Tensor()), "float32 (0,)\n[]");
}

TEST(Tensor, PrintingSkipsWholeRows) {
  Tensor tensor(Shape{8, 1});
  for (int i = 0; i < 8; ++i) tensor.at(i, 0) = static_cast<float>(i);
  EXPECT_EQ(to_string(tensor), "float32 (8, 1)\n[[0], [1], [2], ..., [5], [6], [7]]");
}

}  // namespace
}  // namespace graft

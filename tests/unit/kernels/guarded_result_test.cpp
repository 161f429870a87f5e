// SPDX-License-Identifier: Apache-2.0
// A kernel writes its result and nothing behind it.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/execution_scope.hpp"
#include "graft/kernels/kernel.hpp"

namespace graft::kernels {
namespace {

constexpr std::size_t kBehind = 16384;
constexpr std::uint16_t kMark = 0x5a5a;

/// Elements behind the result of a 1 x 1 convolution with a residual that are no longer as they were.
std::ptrdiff_t written_behind(std::int64_t height, std::int64_t width) {
  const ExecutionScope one_thread({.threads = 1});
  const Shape x{2, height, width, 64}, y{2, height, width, 32};
  const Argument residual{.shape = y, .dtype = DType::bfloat16};
  const auto kernel = make_kernel({.params = ops::Convolution{.window = {.height = 1, .width = 1}},
                                   .inputs = {{.shape = x, .dtype = DType::bfloat16},
                                              {.shape = {1, 1, 64, 32}, .constant = true},
                                              {.shape = {32}, .constant = true},
                                              residual},
                                   .outputs = {residual}});
  Tensor in(x, DType::bfloat16), added(y, DType::bfloat16), weights({1, 1, 64, 32}), bias({32});
  const auto elements = static_cast<std::size_t>(y.count());
  const std::shared_ptr<void> memory = allocate_aligned((elements + kBehind) * sizeof kMark);
  auto* out = static_cast<std::uint16_t*>(memory.get());
  std::fill(out, out + elements + kBehind, kMark);
  const std::vector<View> inputs{view_of(in), view_of(weights), view_of(bias), view_of(added)};
  kernel->pack(std::vector<View>{{}, view_of(weights), view_of(bias), {}});
  const std::vector<MutableView> outputs{{static_cast<std::byte*>(memory.get()), DType::bfloat16}};
  kernel->run({}, inputs, outputs);
  EXPECT_EQ(std::count(out, out + elements, kMark), 0) << kernel->implementation();
  return static_cast<std::ptrdiff_t>(kBehind) - std::count(out + elements, out + elements + kBehind, kMark);
}

TEST(GuardedResult, ConvolutionWithResidualStaysInside) {
  for (std::int64_t height = 1; height <= 9; ++height) {
    for (std::int64_t width = 1; width <= 20; ++width)
      EXPECT_EQ(written_behind(height, width), 0) << height << " x " << width;
  }
}

}  // namespace
}  // namespace graft::kernels

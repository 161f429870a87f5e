// SPDX-License-Identifier: Apache-2.0
#include "graft/kernels/product_speed.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "graft/base/fail.hpp"
#include "graft/kernels/kernel.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels {
namespace {

constexpr int kRuns = 6;

}  // namespace

double product_speed(DType dtype, std::int64_t size) {
  if (dtype != DType::float32 && dtype != DType::bfloat16)
    fail(ErrorKind::unsupported, "product_speed: expected float32 or bfloat16, received ", to_string(dtype));
  const Shape square{size, size};
  const auto kernel = make_kernel({.params = ops::Dense{},
                                   .inputs = {{square, true, dtype}, {square}, {Shape{}, false}},
                                   .outputs = {{square, true, dtype}}});
  const Tensor weights = Tensor::full(square, 1);
  const Tensor a = weights.to(dtype);
  Tensor y(square, dtype);
  const std::array<View, 3> inputs{view_of(a), view_of(weights)};
  const std::array<MutableView, 1> outputs{view_of(y)};
  kernel->pack(std::array<View, 3>{View{}, inputs[1]});
  const auto operations = 2.0 * static_cast<double>(size * size * size);
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    kernel->run({}, inputs, outputs);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    best = std::max(best, operations / seconds);
  }
  return best;
}

}  // namespace graft::kernels

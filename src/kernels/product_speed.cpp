// SPDX-License-Identifier: Apache-2.0
#include "graft/kernels/product_speed.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "graft/base/error.hpp"
#include "graft/kernels/kernel.hpp"
#include "graft/tensor/tensor.hpp"

namespace graft::kernels {
namespace {

constexpr int kRuns = 6;

/// A square of numbers of 1 in either type; a float holds two bfloat16.
Tensor ones(DType dtype, std::int64_t size) {
  if (dtype == DType::float32) return Tensor::full({size, size}, 1);
  Tensor pairs({(size * size + 1) / 2});
  std::ranges::fill(std::span(reinterpret_cast<std::uint16_t*>(pairs.data().data()), pairs.data().size() * 2),
                    to_bfloat16(1));
  return pairs;
}

}  // namespace

double product_speed(DType dtype, std::int64_t size) {
  if (dtype != DType::float32 && dtype != DType::bfloat16)
    fail(ErrorKind::unsupported, "product_speed: expected float32 or bfloat16, received ", to_string(dtype));
  const Shape square{size, size};
  const auto kernel = make_kernel({.params = ops::Dense{},
                                   .inputs = {{square, true, dtype}, {square}, {Shape{}, false}},
                                   .outputs = {{square, true, dtype}}});
  const Tensor a = ones(dtype, size);
  const Tensor weights = Tensor::full(square, 1);
  Tensor y = ones(dtype, size);
  const std::array<const float*, 3> inputs{a.data().data(), weights.data().data(), nullptr};
  const std::array<float*, 1> outputs{y.data().data()};
  const std::array<const float*, 3> constants{nullptr, inputs[1], nullptr};
  kernel->pack(constants);
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

// SPDX-License-Identifier: Apache-2.0
// How far results in bfloat16 are from those in float32, by direct sums and by Winograd's method: the root
// mean square of the differences by that of the results. 3 x 3 convolutions of well-known networks, pixels
// after a relu, weights as they are initialised; all numbers drawn from one seed.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "graft/base/random.hpp"
#include "graft/error.hpp"
#include "graft/kernels/kernel.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels {
namespace {

struct Layer {
  const char* name;
  std::int64_t batch, size, channels, filters;

  [[nodiscard]] Shape x() const { return {batch, size, size, channels}; }
  [[nodiscard]] Shape kernel() const { return {3, 3, channels, filters}; }
  [[nodiscard]] Shape y() const { return {batch, size, size, filters}; }
};

Tensor drawn(const Shape& shape, double deviation, bool positive) {
  static std::uint64_t seed = 1;
  Rng random(seed++);
  Tensor tensor(shape);
  for (float& x : tensor.data()) {
    const auto value = static_cast<float>(random.normal() * deviation);
    x = positive && value < 0 ? 0.0F : value;
  }
  return tensor;
}

/// y in float32, and what computed it.
struct Result {
  Tensor y;
  std::string implementation;
};

Result convolve(const Layer& layer, const Tensor& x, const Tensor& weights, DType dtype, bool constant) {
  const Spec spec{
      .params =
          ops::Convolution{
              .window =
                  {.height = 3, .width = 3, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1}},
      .inputs = {{.shape = layer.x(), .dtype = dtype}, {.shape = layer.kernel(), .constant = constant}},
      .outputs = {{.shape = layer.y(), .dtype = dtype}}};
  const auto kernel = make_kernel(spec);
  const Tensor pixels = x.to(dtype);
  Tensor y(layer.y(), dtype);
  const std::vector<View> inputs{view_of(pixels), view_of(weights)};
  const std::vector<MutableView> outputs{view_of(y)};
  kernel->pack(std::vector<View>{View{}, inputs[1]});
  kernel->run({}, inputs, outputs);
  return {y.to(DType::float32), std::string(kernel->implementation())};
}

double difference(const Tensor& got, const Tensor& expected) {
  double differences = 0;
  double squares = 0;
  for (std::size_t i = 0; i < got.data().size(); ++i) {
    const double off = static_cast<double>(got.data()[i]) - static_cast<double>(expected.data()[i]);
    differences += off * off;
    squares += static_cast<double>(expected.data()[i]) * static_cast<double>(expected.data()[i]);
  }
  return std::sqrt(differences / squares);
}

void compare(const Layer& layer) {
  // Pixels that bfloat16 holds, so that what differs is the work on them.
  const Tensor x = drawn(layer.x(), 1, true).to(DType::bfloat16).to(DType::float32);
  const Tensor weights =
      drawn(layer.kernel(), std::sqrt(2.0 / (9.0 * static_cast<double>(layer.channels))), false);
  // A kernel that trains, and few pixels: float32's and bfloat16's direct sums.
  const Result exact = convolve(layer, x, weights, DType::float32, false);
  const Result direct = convolve(layer, x, weights, DType::bfloat16, false);
  const Result winograd = convolve(layer, x, weights, DType::bfloat16, true);
  std::printf("| %s | %.5f | %.5f | %s, %s |\n", layer.name, difference(direct.y, exact.y),
              difference(winograd.y, exact.y), direct.implementation.c_str(),
              winograd.implementation.c_str());
}

}  // namespace
}  // namespace graft::kernels

int main() try {
  std::printf("| layer | direct sums | Winograd's method | kernels |\n|---|---|---|---|\n");
  for (const graft::kernels::Layer& layer :
       {graft::kernels::Layer{"ResNet50 conv3, 28 x 28, 128 to 128", 1, 28, 128, 128},
        graft::kernels::Layer{"ResNet50 conv4, 14 x 14, 256 to 256", 2, 14, 256, 256},
        graft::kernels::Layer{"DenseNet121, 28 x 28, 128 to 32", 1, 28, 128, 32},
        graft::kernels::Layer{"VGG16 block5, 14 x 14, 512 to 512", 2, 14, 512, 512}}) {
    graft::kernels::compare(layer);
  }
  return 0;
} catch (const graft::Error& error) {
  std::fprintf(stderr, "rounding_benchmark: %s\n", error.what());
  return 1;
}

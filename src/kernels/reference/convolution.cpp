// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

/// Calls body(x index, kernel index, y index) for every product that a convolution sums.
struct Products {
  WindowExtents e;
  ops::Window window;
  std::int64_t groups;

  template <typename Body>
  void for_each(const Body& body) const {
    for (std::int64_t n = 0; n < e.n; ++n) {
      for (std::int64_t oy = 0; oy < e.oh; ++oy) {
        for (std::int64_t ox = 0; ox < e.ow; ++ox) at_pixel(n, oy, ox, body);
      }
    }
  }

 private:
  template <typename Body>
  void at_pixel(std::int64_t n, std::int64_t oy, std::int64_t ox, const Body& body) const {
    for (std::int64_t ky = 0; ky < window.height; ++ky) {
      const std::int64_t y = oy * window.stride_height + ky * window.dilation_height - window.pad_top;
      for (std::int64_t kx = 0; kx < window.width; ++kx) {
        const std::int64_t x = ox * window.stride_width + kx * window.dilation_width - window.pad_left;
        if (y < 0 || y >= e.h || x < 0 || x >= e.w) continue;
        at_tap(((n * e.h + y) * e.w + x) * e.c, ky * window.width + kx, ((n * e.oh + oy) * e.ow + ox) * e.f,
               body);
      }
    }
  }
  template <typename Body>
  void at_tap(std::int64_t x, std::int64_t tap, std::int64_t y, const Body& body) const {
    const std::int64_t group_in = e.c / groups;
    const std::int64_t group_out = e.f / groups;
    for (std::int64_t f = 0; f < e.f; ++f) {
      for (std::int64_t c = 0; c < group_in; ++c) {
        body(static_cast<std::size_t>(x + f / group_out * group_in + c),
             static_cast<std::size_t>((tap * group_in + c) * e.f + f), static_cast<std::size_t>(y + f));
      }
    }
  }
};

void store(const std::vector<double>& sums, float* to) {
  std::transform(sums.begin(), sums.end(), to, [](double sum) { return static_cast<float>(sum); });
}

}  // namespace

Function function_of(const ops::Convolution& op, const Spec& spec) {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;
  const Products products{window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape), op.window,
                          op.groups};
  const std::size_t count = elements(spec.out(Out::y).shape);
  return [=, activation = op.activation](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* bias = in(inputs, In::bias);
    const float* residual = in(inputs, In::residual);
    std::vector<double> sums(count, 0.0);
    products.for_each([&](std::size_t x, std::size_t k, std::size_t y) {
      sums[y] += static_cast<double>(in(inputs, In::x)[x]) * static_cast<double>(in(inputs, In::kernel)[k]);
    });
    for (std::size_t i = 0; i < count; ++i) {
      if (bias != nullptr) sums[i] += bias[i % static_cast<std::size_t>(products.e.f)];
      if (residual != nullptr) sums[i] += residual[i];
      out(outputs, Out::y)[i] = ops::activate(activation, static_cast<float>(sums[i]));
    }
  };
}

Function function_of(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardInput::In;
  using Out = ops::ConvolutionBackwardInput::Out;
  const Products products{window_extents(spec, spec.out(Out::dx).shape, spec.in(In::dy).shape), op.window,
                          op.groups};
  const std::size_t count = elements(spec.out(Out::dx).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    std::vector<double> sums(count, 0.0);
    products.for_each([&](std::size_t x, std::size_t k, std::size_t y) {
      sums[x] += static_cast<double>(in(inputs, In::dy)[y]) * static_cast<double>(in(inputs, In::kernel)[k]);
    });
    store(sums, out(outputs, Out::dx));
  };
}

Function function_of(const ops::ConvolutionBackwardKernel& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardKernel::In;
  using Out = ops::ConvolutionBackwardKernel::Out;
  const Products products{window_extents(spec, spec.in(In::x).shape, spec.in(In::dy).shape), op.window,
                          op.groups};
  const std::size_t kernel_count = elements(spec.out(Out::dkernel).shape);
  const std::size_t y_count = elements(spec.in(In::dy).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    std::vector<double> sums(kernel_count, 0.0);
    products.for_each([&](std::size_t x, std::size_t k, std::size_t y) {
      sums[k] += static_cast<double>(in(inputs, In::x)[x]) * static_cast<double>(in(inputs, In::dy)[y]);
    });
    store(sums, out(outputs, Out::dkernel));
    if (out(outputs, Out::dbias) == nullptr) return;
    const auto features = static_cast<std::size_t>(products.e.f);
    std::vector<double> bias(features, 0.0);
    for (std::size_t i = 0; i < y_count; ++i) bias[i % features] += in(inputs, In::dy)[i];
    store(bias, out(outputs, Out::dbias));
  };
}

}  // namespace graft::kernels::reference_detail

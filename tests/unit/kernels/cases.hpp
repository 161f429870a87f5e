// SPDX-License-Identifier: Apache-2.0
// Building specs with random elements, running a backend on them, and comparing backends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "graft/kernels/kernel.hpp"
#include "graft/tensor.hpp"

namespace graft::kernels::test {

/// An op with its arguments' elements. An absent argument has no tensor. Outputs hold what they hold before
/// the run.
struct Case {
  ops::Params params;
  std::vector<std::optional<Tensor>> inputs;
  std::vector<std::optional<Tensor>> outputs;

  [[nodiscard]] Spec spec() const;
  [[nodiscard]] std::string describe() const;
};

/// Elements uniform in [low, high), depending only on shape, seed and range.
[[nodiscard]] Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low = -1, double high = 1);

/// Packs the inputs whose positions are in weights (as a plan does), runs, returns the outputs' elements
/// (absent ones empty).
struct RunOptions {
  RunContext context{.seed = 7, .step = 3};
  std::vector<std::size_t> weights;
};
std::vector<std::optional<Tensor>> run(Kernel& kernel, const Case& c, const RunOptions& options = {});
std::vector<std::optional<Tensor>> run(const Backend& backend, const Case& c, const RunOptions& options = {});

/// Expects that the backend has a kernel that computes what the reference computes, within tolerance times
/// the largest expected element (at least 1).
void expect_as_reference(const Backend& backend, const Case& c, double tolerance,
                         const RunOptions& options = {});

/// Sum of a b over all elements, in double.
[[nodiscard]] double inner_product(const Tensor& a, const Tensor& b);

/// Checks a gradient: that the change of sum(dy y) by every sampled element of input `at` of the forward case
/// is the gradient's element, by central differences with the reference kernels.
struct GradientCheck {
  std::size_t at = 0;
  std::size_t output = 0;  ///< which output of the forward op dy belongs to
  double step = 1e-2;
  double tolerance = 2e-3;
};
void expect_gradient(const Case& forward, const Tensor& dy, const Tensor& gradient,
                     const GradientCheck& check);

/// All activations, with relu's variants.
[[nodiscard]] std::vector<ops::Activation> all_activations();

/// A convolution's window, sizes and kernel, with shapes worked out.
struct ConvolutionCase {
  std::int64_t n = 1, h = 5, w = 5, c = 3, f = 4;
  std::int64_t groups = 1;
  ops::Window window;

  [[nodiscard]] Shape x() const { return {n, h, w, c}; }
  [[nodiscard]] Shape kernel() const { return {window.height, window.width, c / groups, f}; }
  [[nodiscard]] Shape y() const;
};
/// Drawn from the seed: strides, dilation, asymmetric padding, odd channels, depthwise and grouped kernels.
[[nodiscard]] ConvolutionCase random_convolution(std::uint64_t seed);
/// The convolution with random arguments; each fifth seed has no bias.
[[nodiscard]] Case forward_convolution(const ConvolutionCase& c, std::uint64_t seed,
                                       const ops::Activation& activation, bool residual);

}  // namespace graft::kernels::test

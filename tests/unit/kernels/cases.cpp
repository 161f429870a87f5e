// SPDX-License-Identifier: Apache-2.0
#include "cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"

namespace graft::kernels::test {
namespace {

std::vector<Argument> arguments(const std::vector<std::optional<Tensor>>& tensors) {
  std::vector<Argument> result;
  for (const auto& tensor : tensors) {
    result.push_back(tensor ? Argument{.shape = tensor->shape()} : Argument{.shape = {}, .present = false});
  }
  return result;
}

std::string list(const std::vector<std::optional<Tensor>>& tensors) {
  std::string text;
  for (const auto& tensor : tensors) text += cat(" ", tensor ? tensor->shape().to_string() : "-");
  return text;
}

std::string describe_window(const ops::Window& w) {
  return cat(" window ", w.height, "x", w.width, " stride ", w.stride_height, "x", w.stride_width,
             " dilation ", w.dilation_height, "x", w.dilation_width, " pads ", w.pad_top, " ", w.pad_bottom,
             " ", w.pad_left, " ", w.pad_right);
}

double weighted_sum(const Case& c, const Tensor& dy, std::size_t output) {
  return inner_product(*run(reference(), c)[output], dy);
}

}  // namespace

Spec Case::spec() const { return {params, arguments(inputs), arguments(outputs)}; }

std::string Case::describe() const {
  std::string text = cat(ops::name_of(params), " from", list(inputs), " to", list(outputs));
  std::visit(
      [&](const auto& op) {
        if constexpr (requires { op.window; }) text += describe_window(op.window);
        if constexpr (requires { op.groups; }) text += cat(" groups ", op.groups);
        if constexpr (requires { op.activation; }) text += cat(" ", ops::activation_name(op.activation));
      },
      params);
  return text;
}

Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low, double high) {
  Tensor tensor(shape);
  Rng rng(seed, 77);
  for (float& value : tensor.data()) value = static_cast<float>(rng.uniform(low, high));
  return tensor;
}

std::vector<std::optional<Tensor>> run(Kernel& kernel, const Case& c, const RunOptions& options) {
  std::vector<View> inputs;
  std::vector<View> weights;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    inputs.push_back(c.inputs[i] ? view_of(*c.inputs[i]) : View{});
    const bool is_weight =
        std::find(options.weights.begin(), options.weights.end(), i) != options.weights.end();
    weights.push_back(is_weight ? inputs.back() : View{});
  }
  std::vector<std::optional<Tensor>> outputs;
  for (const auto& output : c.outputs)
    outputs.push_back(output ? std::optional(output->clone()) : std::nullopt);
  std::vector<MutableView> written;
  for (auto& output : outputs) written.push_back(output ? view_of(*output) : MutableView{});
  kernel.pack(weights);
  kernel.run(options.context, inputs, written);
  return outputs;
}

std::vector<std::optional<Tensor>> run(const Backend& backend, const Case& c, const RunOptions& options) {
  const auto kernel = backend.make(c.spec());
  if (!kernel) fail(ErrorKind::unsupported, backend.name(), " has no kernel for ", c.describe());
  return run(*kernel, c, options);
}

void expect_as_reference(const Backend& backend, const Case& c, double tolerance, const RunOptions& options) {
  const auto kernel = backend.make(c.spec());
  ASSERT_TRUE(kernel) << backend.name() << " has no kernel for " << c.describe();
  const auto got = run(*kernel, c, options);
  const auto expected = run(reference(), c, options);
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!got[i]) continue;
    double scale = 1;
    double worst = 0;
    for (const float value : expected[i]->data())
      scale = std::max(scale, std::abs(static_cast<double>(value)));
    for (std::size_t k = 0; k < got[i]->data().size(); ++k) {
      const double difference = std::abs(static_cast<double>(got[i]->data()[k]) - expected[i]->data()[k]);
      worst = std::isnan(difference) ? 1e30 : std::max(worst, difference);
    }
    EXPECT_LE(worst, tolerance * scale)
        << "output " << i << " of " << c.describe() << " by " << kernel->implementation();
  }
}

double inner_product(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.data().size(); ++i) sum += static_cast<double>(a.data()[i]) * b.data()[i];
  return sum;
}

void expect_gradient(const Case& forward, const Tensor& dy, const Tensor& gradient,
                     const GradientCheck& check) {
  Case moved = forward;
  moved.inputs[check.at] = forward.inputs[check.at]->clone();
  auto values = moved.inputs[check.at]->data();
  const std::size_t stride = std::max<std::size_t>(1, values.size() / 20);
  for (std::size_t i = 0; i < values.size(); i += stride) {
    const float before = values[i];
    values[i] = before + static_cast<float>(check.step);
    const double above = weighted_sum(moved, dy, check.output);
    const double upper = values[i];
    values[i] = before - static_cast<float>(check.step);
    const double below = weighted_sum(moved, dy, check.output);
    const double slope = (above - below) / (upper - static_cast<double>(values[i]));
    values[i] = before;
    const double expected = gradient.data()[i];
    EXPECT_NEAR(slope, expected, check.tolerance * std::max(1.0, std::abs(expected)))
        << "element " << i << " of input " << check.at << " of " << forward.describe();
  }
}

std::vector<ops::Activation> all_activations() {
  using ops::ActivationKind;
  std::vector<ops::Activation> result;
  for (const auto kind :
       {ActivationKind::linear,      ActivationKind::relu,          ActivationKind::sigmoid,
        ActivationKind::tanh,        ActivationKind::silu,          ActivationKind::hard_sigmoid,
        ActivationKind::hard_silu,   ActivationKind::elu,           ActivationKind::selu,
        ActivationKind::gelu,        ActivationKind::softplus,      ActivationKind::softsign,
        ActivationKind::exponential, ActivationKind::gelu_tanh,     ActivationKind::mish,
        ActivationKind::log_sigmoid, ActivationKind::hard_tanh,     ActivationKind::tanh_shrink,
        ActivationKind::soft_shrink, ActivationKind::hard_shrink,   ActivationKind::squareplus,
        ActivationKind::sparse_plus, ActivationKind::sparse_sigmoid}) {
    result.push_back({.kind = kind});
  }
  result.push_back({.kind = ActivationKind::relu, .max_value = 0.6F});
  result.push_back({.kind = ActivationKind::relu, .negative_slope = 0.3F});
  result.push_back({.kind = ActivationKind::relu, .negative_slope = 0.2F, .max_value = 0.7F});
  result.push_back({.kind = ActivationKind::relu, .threshold = 0.25F});
  result.push_back({.kind = ActivationKind::elu, .alpha = 0.3F});
  return result;
}

Shape ConvolutionCase::y() const {
  return {n,
          ops::window_output(h, window.pad_top + window.pad_bottom, window.height, window.stride_height,
                             window.dilation_height),
          ops::window_output(w, window.pad_left + window.pad_right, window.width, window.stride_width,
                             window.dilation_width),
          f};
}

ConvolutionCase random_convolution(std::uint64_t seed) {
  Rng rng(seed, 1);
  const auto pick = [&](std::initializer_list<std::int64_t> from) {
    return *(from.begin() + rng.below(from.size()));
  };
  ConvolutionCase c{.n = pick({1, 2, 3}), .h = pick({1, 2, 5, 7, 9, 12}), .w = pick({1, 3, 5, 8, 11})};
  c.window.height = pick({1, 1, 2, 3, 3, 5, 7});
  c.window.width = rng.below(3) == 0 ? pick({1, 2, 3}) : c.window.height;
  c.window.stride_height = pick({1, 1, 2, 3});
  c.window.stride_width = rng.below(4) == 0 ? pick({1, 2}) : c.window.stride_height;
  if (c.window.stride_height == 1) c.window.dilation_height = c.window.dilation_width = pick({1, 1, 1, 2, 3});
  const std::int64_t reach_y = (c.window.height - 1) * c.window.dilation_height + 1;
  const std::int64_t reach_x = (c.window.width - 1) * c.window.dilation_width + 1;
  c.window.pad_top = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(reach_y)));
  c.window.pad_left = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(reach_x)));
  c.window.pad_bottom = std::max<std::int64_t>(0, reach_y - c.h - c.window.pad_top) + pick({0, 1});
  c.window.pad_right = std::max<std::int64_t>(0, reach_x - c.w - c.window.pad_left) + pick({0, 1});
  const auto kind = rng.below(4);
  c.c = pick({1, 2, 3, 8, 16, 17, 24, 32, 48});
  c.f = pick({1, 3, 4, 16, 17, 24, 40});
  if (kind == 0) {
    c.groups = c.c;
    c.f = c.c * pick({1, 1, 2, 3});
  } else if (kind == 1) {
    c.groups = pick({2, 3});
    c.c = c.groups * pick({1, 4, 8, 16});
    c.f = c.groups * pick({1, 3, 8, 16});
  }
  return c;
}

Case forward_convolution(const ConvolutionCase& c, std::uint64_t seed, const ops::Activation& activation,
                         bool residual) {
  return {.params = ops::Convolution{.window = c.window, .groups = c.groups, .activation = activation},
          .inputs = {random_tensor(c.x(), seed + 1), random_tensor(c.kernel(), seed + 2),
                     seed % 5 == 0 ? std::nullopt : std::optional(random_tensor({c.f}, seed + 3)),
                     residual ? std::optional(random_tensor(c.y(), seed + 4)) : std::nullopt},
          .outputs = {Tensor(c.y())}};
}

}  // namespace graft::kernels::test

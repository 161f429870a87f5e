// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/extend/layer.hpp"

#include "layers/rules/keras_call.hpp"

namespace graft::layers {
namespace {

// Standard deviation of a normal distribution truncated at 2: Keras divides by it.
constexpr double kTruncatedDeviation = 0.87962566103423978;

struct Fans {
  double in = 1, out = 1;
};

/// Keras's compute_fans: the receptive field times the last two axes.
Fans fans_of(const Shape& shape) {
  if (shape.rank() == 0) return {};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double field = 1;
  for (int axis = 0; axis + 2 < static_cast<int>(shape.rank()); ++axis)
    field *= static_cast<double>(shape[axis]);
  return {field * static_cast<double>(shape[-2]), field * static_cast<double>(shape[-1])};
}

struct Uniform {
  double low = 0, high = 0;
};
void fill(Tensor& tensor, std::uint64_t stream, const Uniform& range) {
  Rng rng(stream);
  for (float& x : tensor.data<float>()) x = static_cast<float>(rng.uniform(range.low, range.high));
}

/// Truncated: drawn again beyond two standard deviations.
struct Normal {
  double mean = 0, deviation = 1;
  bool truncated = false;
};
void fill(Tensor& tensor, std::uint64_t stream, const Normal& normal) {
  Rng rng(stream);
  for (float& x : tensor.data<float>()) {
    double z = rng.normal();
    while (normal.truncated && std::abs(z) > 2) z = rng.normal();
    x = static_cast<float>(normal.mean + z * normal.deviation);
  }
}

/// VarianceScaling and the initializers derived from it: variance = scale / fan.
struct Scaling {
  double scale = 1;
  std::string mode, distribution;
};

Scaling scaling_of(const KerasCall& call) {
  const std::string& name = call.class_name;
  if (name == "VarianceScaling") return {call.number("scale"), call.word("mode"), call.word("distribution")};
  return {.scale = name.starts_with("He") ? 2.0 : 1.0,
          .mode = name.starts_with("Glorot") ? "fan_avg" : "fan_in",
          .distribution = name.ends_with("Uniform") ? "uniform" : "truncated_normal"};
}

void fill(Tensor& tensor, std::uint64_t stream, const Scaling& scaling) {
  const Fans fans = fans_of(tensor.shape());
  const double fan = scaling.mode == "fan_in"    ? fans.in
                     : scaling.mode == "fan_out" ? fans.out
                                                 : (fans.in + fans.out) / 2;
  const double variance = scaling.scale / std::max(1.0, fan);
  if (scaling.distribution == "uniform") {
    const double limit = std::sqrt(3 * variance);
    return fill(tensor, stream, Uniform{-limit, limit});
  }
  const bool truncated = scaling.distribution == "truncated_normal";
  fill(tensor, stream,
       Normal{.deviation = std::sqrt(variance) / (truncated ? kTruncatedDeviation : 1),
              .truncated = truncated});
}

/// Subtracts from a vector its components along the others, which are orthonormal, and scales it to length 1.
void make_orthonormal(std::span<double> vector, const std::vector<std::vector<double>>& others) {
  for (int pass = 0; pass < 2; ++pass) {  // the second pass removes the rounding errors of the first
    for (const std::vector<double>& other : others) {
      double along = 0;
      for (std::size_t i = 0; i < vector.size(); ++i) along += vector[i] * other[i];
      for (std::size_t i = 0; i < vector.size(); ++i) vector[i] -= along * other[i];
    }
  }
  double square = 0;
  for (const double x : vector) square += x * x;
  for (double& x : vector) x /= std::sqrt(square);
}

/// Saxe et al. 2013: Q of a normal matrix's QR decomposition with a positive diagonal of R, of the axes but
/// the last as rows and the last as columns; the shorter side's vectors are orthonormal.
void fill_orthogonal(Tensor& tensor, std::uint64_t stream, double gain) {
  const Shape& shape = tensor.shape();
  if (shape.rank() < 2) {
    fail(ErrorKind::invalid_argument,
         "initializer orthogonal: expected a weight of two axes or more, received ", shape);
  }
  const auto columns = static_cast<std::size_t>(shape[-1]);
  const auto rows = static_cast<std::size_t>(tensor.count()) / columns;
  const std::size_t length = std::max(rows, columns);
  Rng rng(stream);
  std::vector<std::vector<double>> vectors;
  for (std::size_t number = 0; number < std::min(rows, columns); ++number) {
    std::vector<double> vector(length);
    for (double& x : vector) x = rng.normal();
    make_orthonormal(vector, vectors);
    vectors.push_back(std::move(vector));
  }
  auto values = tensor.data<float>();
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const double x = rows < columns ? vectors[row][column] : vectors[column][row];
      values[row * columns + column] = static_cast<float>(gain * x);
    }
  }
}

void fill_identity(Tensor& tensor, double gain) {
  const Shape& shape = tensor.shape();
  if (shape.rank() != 2) {
    fail(ErrorKind::invalid_argument, "initializer identity: expected a weight of two axes, received ",
         shape);
  }
  const auto columns = static_cast<std::size_t>(shape[1]);
  auto values = tensor.data<float>();
  for (std::size_t i = 0; i < values.size() && i / columns < columns; i += columns + 1)
    values[i] = static_cast<float>(gain);
}

}  // namespace

void initialize(const std::string& initializer, std::uint64_t stream, Tensor& tensor) {
  const KerasCall call = parse_call(initializers(), initializer);
  const std::string& name = call.class_name;
  // With a seed the numbers are the same for any weight, as in Keras.
  if (call.settings.contains("seed") && !call.settings["seed"].is_null())
    stream = mix64(call.settings["seed"].get<std::uint64_t>());
  if (name == "Zeros") return;
  if (name == "Ones" || name == "Constant") {
    const double value = name == "Ones" ? 1 : call.number("value");
    std::ranges::fill(tensor.data<float>(), static_cast<float>(value));
    return;
  }
  if (name == "Identity") return fill_identity(tensor, call.number("gain"));
  if (name == "Orthogonal") return fill_orthogonal(tensor, stream, call.number("gain"));
  if (name == "RandomUniform")
    return fill(tensor, stream, Uniform{call.number("minval"), call.number("maxval")});
  if (name == "RandomNormal" || name == "TruncatedNormal") {
    return fill(tensor, stream,
                Normal{call.number("mean"), call.number("stddev"), name == "TruncatedNormal"});
  }
  fill(tensor, stream, scaling_of(call));
}

}  // namespace graft::layers

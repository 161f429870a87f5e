// SPDX-License-Identifier: Apache-2.0
// Heads as layers that any reader of Keras's files computes. Distances come from products of the centred
// features, |x - s|^2 = |x|^2 - 2 x s + |s|^2, and "is above 0" is hard_sigmoid of a very large multiple.
#include <algorithm>
#include <cmath>
#include <string>

#include "graft/base/fail.hpp"
#include "graft/layers.hpp"

#include "transfer/heads/head_state.hpp"

namespace graft::transfer {
namespace {

using layers::Dense;

// hard_sigmoid(kSteep x) is 0 below and 1 above 0, for every difference of two distances that a float can
// tell. kGone is below every possible distance, and kSteep times it is still a finite float.
constexpr double kSteep = 1e20, kGone = 1e15;
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 28;

SymbolicTensor fixed_dense(const SymbolicTensor& input, layers::DenseOptions options, const Tensor& kernel,
                           const Tensor& bias) {
  options.units = kernel.shape()[1];
  options.use_bias = !bias.empty();
  options.kernel_initializer = "zeros";
  Layer layer = Dense(std::move(options));
  SymbolicTensor output = layer(input);
  layer.weights()[0]->assign(kernel);
  if (!bias.empty()) layer.weights()[1]->assign(bias);
  return output;
}

Tensor matrix(std::int64_t rows, std::int64_t columns, float value = 0) {
  Tensor tensor(Shape{rows, columns});
  std::ranges::fill(tensor.data<float>(), value);
  return tensor;
}

/// Rows less their mean, as float32: what the layers see of them.
struct Centred {
  std::vector<double> mean;
  Tensor rows;
  std::vector<double> squares;  ///< |row|^2
};

Centred centre(const Tensor& rows) {
  const auto count = static_cast<std::size_t>(rows.shape()[0]);
  const auto width = static_cast<std::size_t>(rows.shape()[1]);
  Centred result{std::vector<double>(width, 0.0), rows.clone(), std::vector<double>(count, 0.0)};
  const std::span<float> values = result.rows.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i)
    result.mean[i % width] += static_cast<double>(values[i]) / static_cast<double>(count);
  for (double& mean : result.mean) mean = static_cast<double>(static_cast<float>(mean));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] -= static_cast<float>(result.mean[i % width]);
    result.squares[i / width] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  return result;
}

SymbolicTensor subtract_mean(const SymbolicTensor& features, const Centred& centred) {
  return layers::Normalization({.mean = centred.mean,
                                .variance = std::vector<double>(centred.mean.size(), 1.0),
                                .name = "centred"})(features);
}

/// factor (2 x s - |s|^2) for each row s.
SymbolicTensor products(const SymbolicTensor& x, const Centred& centred, double factor) {
  const std::int64_t count = centred.rows.shape()[0];
  const std::int64_t width = centred.rows.shape()[1];
  Tensor kernel = matrix(width, count);
  Tensor bias(Shape{count});
  for (std::int64_t s = 0; s < count; ++s) {
    for (std::int64_t d = 0; d < width; ++d) {
      const auto value =
          static_cast<double>(centred.rows.data<float>()[static_cast<std::size_t>(s * width + d)]);
      kernel.data<float>()[static_cast<std::size_t>(d * count + s)] = static_cast<float>(2 * factor * value);
    }
    bias.data<float>()[static_cast<std::size_t>(s)] =
        static_cast<float>(-factor * centred.squares[static_cast<std::size_t>(s)]);
  }
  return fixed_dense(x, {.name = "products"}, kernel, bias);
}

SymbolicTensor is_positive(const SymbolicTensor& x, const std::string& name) {
  return layers::Activation("hard_sigmoid",
                            name)(layers::Rescaling({.scale = {kSteep}, .name = name + "_steep"})(x));
}

/// 1 where x, which is never above 0, is 0; else 0.
SymbolicTensor is_zero(const SymbolicTensor& x, const std::string& name) {
  constexpr double kOne = 3;  // hard_sigmoid(3) = 1
  return layers::Activation("hard_sigmoid", name)(
      layers::Rescaling({.scale = {kSteep}, .offset = {kOne}, .name = name + "_steep"})(x));
}

/// From the decision values of the pairs to votes for each class: 1 for a if above 0, else 1 for b.
SymbolicTensor count_votes(const SymbolicTensor& decisions, std::int64_t classes) {
  const std::int64_t pairs = classes * (classes - 1) / 2;
  Tensor kernel = matrix(pairs, classes);
  Tensor bias(Shape{classes});
  std::int64_t pair = 0;
  for (std::int64_t a = 0; a < classes; ++a) {
    bias.data<float>()[static_cast<std::size_t>(a)] =
        static_cast<float>(a);  // class a is the second one in a pairs
    for (std::int64_t b = a + 1; b < classes; ++b, ++pair) {
      kernel.data<float>()[static_cast<std::size_t>(pair * classes + a)] = 1;
      kernel.data<float>()[static_cast<std::size_t>(pair * classes + b)] = -1;
    }
  }
  return fixed_dense(is_positive(decisions, "won"), {.name = "votes"}, kernel, bias);
}

SymbolicTensor rbf_scores(const RbfHead& head, const SymbolicTensor& features) {
  const RbfMachines& machines = head.machines;
  const auto classes = static_cast<std::int64_t>(machines.classes);
  const auto count = static_cast<std::int64_t>(machines.support.size());
  const auto pairs = static_cast<std::int64_t>(machines.coefficients.size());
  if (pairs * std::max<std::int64_t>(count, 1) > kMostNumbers) {
    fail(ErrorKind::resource_limit, "RBF SVM: ", pairs, " pairs of classes and ", count,
         " support photos make too large a model; use the head logistic or linear_svm");
  }
  const Centred centred = centre(head.support);
  const SymbolicTensor x = subtract_mean(features, centred);
  const SymbolicTensor squares = layers::Multiply("squares")({x, x});
  const SymbolicTensor length =
      fixed_dense(squares, {.name = "length"},
                  matrix(head.support.shape()[1], 1, static_cast<float>(machines.gamma)), {});
  const SymbolicTensor exponents =
      layers::Subtract("exponents")({products(x, centred, machines.gamma), length});
  const SymbolicTensor kernels = layers::Activation("exponential", "kernels")(exponents);
  // Of two classes the machine speaks for the first: the values are its own and its negative.
  const bool binary = classes == 2;
  Tensor kernel = matrix(count, binary ? 2 : pairs);
  Tensor bias(Shape{binary ? 2 : pairs});
  for (std::int64_t p = 0; p < bias.count(); ++p) {
    const auto pair = static_cast<std::size_t>(binary ? 0 : p);
    const double sign = binary && p == 1 ? -1 : 1;
    bias.data<float>()[static_cast<std::size_t>(p)] = static_cast<float>(sign * machines.constants[pair]);
    for (std::int64_t s = 0; s < count; ++s) {
      kernel.data<float>()[static_cast<std::size_t>(s * bias.count() + p)] =
          static_cast<float>(sign * machines.coefficients[pair][static_cast<std::size_t>(s)]);
    }
  }
  const SymbolicTensor decisions = fixed_dense(kernels, {.name = "decisions"}, kernel, bias);
  return binary ? decisions : count_votes(decisions, classes);
}

/// Brings rows to a root mean square of 1, so that differences of distances are numbers that the steps below
/// can tell, however small the features are. Returns the factor.
double scale_to_one(Centred& centred) {
  double sum = 0;
  for (const double square : centred.squares) sum += square;
  const double mean = sum / static_cast<double>(centred.rows.count());
  if (!(mean > 0)) return 1;
  const double factor = 1 / std::sqrt(mean);
  if (!std::isfinite(factor)) return 1;
  for (float& value : centred.rows.data<float>()) value = static_cast<float>(value * factor);
  for (double& square : centred.squares) square *= factor * factor;
  return factor;
}

/// Takes the nearest rows out one distance at a time, until as many as wanted have voted.
SymbolicTensor neighbour_scores(const NeighbourHead& head, std::int64_t classes,
                                const SymbolicTensor& features) {
  const std::int64_t count = head.rows.shape()[0];
  Centred centred = centre(head.rows);
  const double scale = scale_to_one(centred);
  Tensor members = matrix(count, classes);
  for (std::size_t i = 0; i < head.labels.size(); ++i)
    members.data<float>()[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(head.labels[i])] =
        1;
  // Larger is nearer: |x|^2 is left out, for it is the same for every row.
  const SymbolicTensor scaled =
      layers::Rescaling({.scale = {scale}, .name = "scaled"})(subtract_mean(features, centred));
  SymbolicTensor nearness = products(scaled, centred, 1);
  SymbolicTensor votes;
  for (std::int64_t step = 0; step < head.neighbours; ++step) {
    const std::string number = "_" + std::to_string(step + 1);
    const SymbolicTensor column =
        layers::Reshape({.target_shape = {count, 1, 1}, .name = "column" + number})(nearness);
    const SymbolicTensor most = layers::GlobalMaxPooling2D({.name = "nearest" + number})(column);
    const SymbolicTensor behind = layers::Subtract("behind" + number)({nearness, most});
    const SymbolicTensor chosen = is_zero(behind, "chosen" + number);
    const SymbolicTensor mine = fixed_dense(chosen, {.name = "votes" + number}, members, {});
    if (step == 0) {
      votes = mine;
    } else {
      // 1 while fewer than wanted have voted, else 0.
      constexpr float kLarge = 1000;
      Tensor bias(Shape{1});
      bias.data<float>()[0] = kLarge * (static_cast<float>(head.neighbours) - 0.5F);
      const SymbolicTensor open = fixed_dense(votes, {.activation = "hard_sigmoid", .name = "open" + number},
                                              matrix(classes, 1, -kLarge), bias);
      const SymbolicTensor added = layers::Multiply("counted" + number)({mine, open});
      votes = layers::Add("so_far" + number)({votes, added});
    }
    if (step + 1 < head.neighbours) {
      nearness = layers::Subtract("others" + number)(
          {nearness, layers::Rescaling({.scale = {kGone}, .name = "gone" + number})(chosen)});
    }
  }
  return layers::Rescaling({.scale = {1.0 / static_cast<double>(head.neighbours)}, .name = "shares"})(votes);
}

/// What build makes of features as one nested model, none of whose weights train.
template <typename Build>
SymbolicTensor nested(const SymbolicTensor& features, const std::string& name, const Build& build) {
  const SymbolicTensor input = Input(features.shape.without_batch(), "features");
  Model model(input, build(input), name);
  model.set_trainable(false);
  return model(features);
}

}  // namespace

SymbolicTensor append_linear(const LinearHead& head, bool softmax, const SymbolicTensor& features) {
  return fixed_dense(features, {.activation = softmax ? "softmax" : "linear", .name = "predictions"},
                     head.kernel, head.bias);
}

SymbolicTensor append_rbf(const RbfHead& head, const SymbolicTensor& features) {
  return nested(features, "rbf_svm", [&](const SymbolicTensor& x) { return rbf_scores(head, x); });
}

SymbolicTensor append_neighbours(const NeighbourHead& head, std::int64_t classes,
                                 const SymbolicTensor& features) {
  return nested(features, "neighbours",
                [&](const SymbolicTensor& x) { return neighbour_scores(head, classes, x); });
}

}  // namespace graft::transfer

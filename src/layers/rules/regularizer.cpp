// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/values.hpp"

#include "layers/rules/keras_call.hpp"

namespace graft::layers {
namespace {

constexpr std::size_t kBlock = 16384;  // numbers that one thread adds up: the same for any number of threads

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

/// Σ each(x), the same for any number of threads.
template <typename Each>
double sum(const Tensor& tensor, const Each& each) {
  const auto values = tensor.data<float>();
  std::vector<double> sums((values.size() + kBlock - 1) / kBlock);
  parallel_for(sums.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) {
      for (const float x : values.subspan(block * kBlock, std::min(kBlock, values.size() - block * kBlock)))
        sums[block] += each(static_cast<double>(x));
    }
  });
  double total = 0;
  for (const double one : sums) total += one;
  return total;
}

/// The rows (or columns) of a matrix, each divided by its length.
struct Directions {
  std::size_t count = 0, size = 0;
  std::vector<double> unit, lengths;

  Directions(const Tensor& matrix, bool rows) {
    if (matrix.shape().rank() != 2) {
      fail(ErrorKind::invalid_argument, "orthogonal_regularizer: expected a weight of two axes, received ",
           matrix.shape());
    }
    count = static_cast<std::size_t>(matrix.shape()[rows ? 0 : 1]);
    size = static_cast<std::size_t>(matrix.shape()[rows ? 1 : 0]);
    const auto values = matrix.data<float>();
    for (std::size_t i = 0; i < count; ++i) {
      double square = 0;
      for (std::size_t k = 0; k < size; ++k) {
        unit.push_back(values[rows ? i * size + k : k * count + i]);
        square += unit.back() * unit.back();
      }
      lengths.push_back(std::max(std::sqrt(square), 1e-12));
      for (std::size_t k = 0; k < size; ++k) unit[i * size + k] /= lengths[i];
    }
  }
  [[nodiscard]] double cosine(std::size_t i, std::size_t j) const {
    double product = 0;
    for (std::size_t k = 0; k < size; ++k) product += unit[i * size + k] * unit[j * size + k];
    return product;
  }
  [[nodiscard]] double pairs() const {
    return static_cast<double>(count) * (static_cast<double>(count) - 1) / 2;
  }
};

double orthogonal_penalty(const Tensor& weight, double factor, bool rows) {
  const Directions directions(weight, rows);
  double total = 0;
  for (std::size_t i = 0; i < directions.count; ++i) {
    for (std::size_t j = 0; j < i; ++j) total += std::abs(directions.cosine(i, j));
  }
  return factor * total / directions.pairs();
}

void add_orthogonal_gradient(const Tensor& weight, double factor, bool rows, Tensor& gradient) {
  const Directions d(weight, rows);
  const auto out = gradient.data<float>();
  std::vector<double> by_unit(d.size);
  for (std::size_t i = 0; i < d.count; ++i) {
    std::ranges::fill(by_unit, 0.0);
    for (std::size_t j = 0; j < d.count; ++j) {
      const double towards = j == i ? 0 : sign(d.cosine(i, j));
      for (std::size_t k = 0; k < d.size; ++k) by_unit[k] += towards * d.unit[j * d.size + k];
    }
    double along = 0;  // what only changes the length changes no cosine
    for (std::size_t k = 0; k < d.size; ++k) along += by_unit[k] * d.unit[i * d.size + k];
    for (std::size_t k = 0; k < d.size; ++k) {
      const double change = (by_unit[k] - along * d.unit[i * d.size + k]) / d.lengths[i];
      out[rows ? i * d.size + k : k * d.count + i] += static_cast<float>(factor / d.pairs() * change);
    }
  }
}

}  // namespace

Regularizer::Regularizer(const std::string& text) {
  const KerasCall call = parse_call(regularizers(), text);
  if (call.settings.contains("l1")) l1_ = call.number("l1");
  if (call.settings.contains("l2")) l2_ = call.number("l2");
  if (call.settings.contains("factor")) {
    orthogonal_ = call.number("factor");
    rows_ = call.word("mode") == "rows";
  }
}

double Regularizer::penalty(const Tensor& weight) const {
  double total = 0;
  if (l1_ != 0) total += l1_ * sum(weight, [](double x) { return std::abs(x); });
  if (l2_ != 0) total += l2_ * sum(weight, [](double x) { return x * x; });
  if (orthogonal_ != 0) total += orthogonal_penalty(weight, orthogonal_, rows_);
  return total;
}

void Regularizer::add_gradient(const Tensor& weight, Tensor& gradient) const {
  if (orthogonal_ != 0) add_orthogonal_gradient(weight, orthogonal_, rows_, gradient);
  if (l1_ == 0 && l2_ == 0) return;
  const auto w = weight.data<float>();
  const auto g = gradient.data<float>();
  parallel_for(w.size(), kBlock, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      g[i] += static_cast<float>(l1_ * sign(w[i]) + 2 * l2_ * static_cast<double>(w[i]));
  });
}

}  // namespace graft::layers

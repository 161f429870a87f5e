// SPDX-License-Identifier: Apache-2.0
#include "transfer/heads/ridge.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"

namespace graft::transfer {
namespace {

/// Columns of the factor that are computed together, and rows that are added to the matrix together.
constexpr std::size_t kRidgePanel = 64, kRidgeRows = 256;

/// In eight sums, which the processor can add side by side; always the same ones.
double ridge_dot(const double* a, const double* b, std::size_t count) {
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= count; i += sums.size()) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  double rest = 0;
  for (; i < count; ++i) rest += a[i] * b[i];
  return rest + ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// The columns [from, to) of one row of the factor, whose columns before `from` are final, as are the rows
/// that it needs.
void finish_factor_row(std::vector<double>& matrix, std::size_t size, std::size_t row, std::size_t from,
                       std::size_t to) {
  double* const own = matrix.data() + row * size;
  for (std::size_t column = from; column < std::min(to, row); ++column) {
    const double* const other = matrix.data() + column * size;
    own[column] = (own[column] - ridge_dot(own + from, other + from, column - from)) / other[column];
  }
}

/// Adds rows' products of a panel of columns [begin, end) to the lower triangle.
void add_products(std::vector<double>& matrix, std::size_t size, const std::vector<double>& rows,
                  std::size_t begin, std::size_t end) {
  const std::size_t count = rows.size() / size;
  for (std::size_t i = begin; i < end; ++i) {
    double* const sums = matrix.data() + i * size;
    std::size_t row = 0;
    for (; row + 4 <= count; row += 4) {  // four at a time: a sum is read and written once for four products
      const double *const a = rows.data() + row * size, *const b = a + size, *const c = b + size,
                          *const d = c + size;
      const double ai = a[i], bi = b[i], ci = c[i], di = d[i];
      for (std::size_t j = 0; j <= i; ++j) sums[j] += (ai * a[j] + bi * b[j]) + (ci * c[j] + di * d[j]);
    }
    for (; row < count; ++row) {
      const double* const a = rows.data() + row * size;
      for (std::size_t j = 0; j <= i; ++j) sums[j] += a[i] * a[j];
    }
  }
}

}  // namespace

void solve_positive(std::vector<double>& matrix, std::vector<double>& right, std::size_t width) {
  const std::size_t size = right.size() / width;
  for (std::size_t from = 0; from < size; from += kRidgePanel) {
    const std::size_t to = std::min(from + kRidgePanel, size);
    // What the finished columns take from this panel.
    parallel_for(size - from, 8, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = from + begin; row < from + end; ++row) {
        double* const own = matrix.data() + row * size;
        for (std::size_t column = from; column < std::min(to, row + 1); ++column)
          own[column] -= ridge_dot(own, matrix.data() + column * size, from);
      }
    });
    for (std::size_t row = from; row < to; ++row) {
      finish_factor_row(matrix, size, row, from, to);
      double* const own = matrix.data() + row * size;
      own[row] = std::sqrt(own[row] - ridge_dot(own + from, own + from, row - from));
    }
    parallel_for(size - to, 8, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = to + begin; row < to + end; ++row)
        finish_factor_row(matrix, size, row, from, to);
    });
  }
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t i = 0; i < size; ++i) {
      double value = right[i * width + k];
      for (std::size_t j = 0; j < i; ++j) value -= matrix[i * size + j] * right[j * width + k];
      right[i * width + k] = value / matrix[i * size + i];
    }
    for (std::size_t i = size; i-- > 0;) {
      const double value = right[i * width + k] / matrix[i * size + i];
      right[i * width + k] = value;
      for (std::size_t j = 0; j < i; ++j) right[j * width + k] -= matrix[i * size + j] * value;
    }
  }
}

RidgeSolver::RidgeSolver(const Tensor& features, const Tensor& truth, std::span<const float> weights)
    : rows_(static_cast<std::size_t>(features.shape()[0])),
      columns_(static_cast<std::size_t>(features.shape()[1])),
      numbers_(static_cast<std::size_t>(truth.shape()[1])),
      by_rows_(rows_ < columns_),
      roots_(rows_, 1) {
  if (rows_ == 0) fail(ErrorKind::invalid_argument, "ridge regression: there is no row");
  for (std::size_t i = 0; i < weights.size(); ++i) roots_[i] = std::sqrt(static_cast<double>(weights[i]));
  centre(features, truth);
  make_matrix(features);
}

void RidgeSolver::centre(const Tensor& features, const Tensor& truth) {
  means_.assign(columns_, 0);
  centres_.assign(numbers_, 0);
  double sum = 0;
  for (const double root : roots_) sum += root * root;
  const auto x = features.data<float>(), y = truth.data<float>();
  for (std::size_t i = 0; i < rows_; ++i) {
    const double share = roots_[i] * roots_[i] / sum;
    for (std::size_t d = 0; d < columns_; ++d) means_[d] += share * static_cast<double>(x[i * columns_ + d]);
    for (std::size_t k = 0; k < numbers_; ++k)
      centres_[k] += share * static_cast<double>(y[i * numbers_ + k]);
  }
  truth_.resize(rows_ * numbers_);
  for (std::size_t i = 0; i < rows_; ++i) {
    for (std::size_t k = 0; k < numbers_; ++k)
      truth_[i * numbers_ + k] = roots_[i] * (static_cast<double>(y[i * numbers_ + k]) - centres_[k]);
  }
}

std::vector<double> RidgeSolver::scaled_rows(const Tensor& features, std::size_t begin,
                                             std::size_t end) const {
  std::vector<double> rows((end - begin) * columns_);
  const auto x = features.data<float>();
  for (std::size_t i = begin; i < end; ++i) {
    for (std::size_t d = 0; d < columns_; ++d)
      rows[(i - begin) * columns_ + d] = roots_[i] * (static_cast<double>(x[i * columns_ + d]) - means_[d]);
  }
  return rows;
}

void RidgeSolver::make_matrix(const Tensor& features) {
  const std::size_t size = by_rows_ ? rows_ : columns_;
  matrix_.assign(size * size, 0);
  if (by_rows_) {
    scaled_ = scaled_rows(features, 0, rows_);
    right_ = truth_;
    parallel_for(size, 4, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t j = 0; j <= i; ++j)
          matrix_[i * size + j] =
              ridge_dot(scaled_.data() + i * columns_, scaled_.data() + j * columns_, columns_);
      }
    });
  } else {
    right_.assign(columns_ * numbers_, 0);
    for (std::size_t row = 0; row < rows_; row += kRidgeRows) {
      const std::size_t end = std::min(row + kRidgeRows, rows_);
      const std::vector<double> some = scaled_rows(features, row, end);
      parallel_for(size, 4,
                   [&](std::size_t from, std::size_t to) { add_products(matrix_, size, some, from, to); });
      for (std::size_t i = row; i < end; ++i) {
        for (std::size_t d = 0; d < columns_; ++d) {
          for (std::size_t k = 0; k < numbers_; ++k)
            right_[d * numbers_ + k] += some[(i - row) * columns_ + d] * truth_[i * numbers_ + k];
        }
      }
    }
  }
  double trace = 0;
  for (std::size_t i = 0; i < size; ++i) trace += matrix_[i * size + i];
  // Features that are all alike say nothing: any alpha gives a kernel of zeros.
  unit_ = trace > 0 ? trace / static_cast<double>(size) : 1;
}

LinearHead RidgeSolver::solve(double alpha) const {
  const std::size_t size = by_rows_ ? rows_ : columns_;
  std::vector<double> matrix = matrix_, solution = right_;
  for (std::size_t i = 0; i < size; ++i) matrix[i * size + i] += alpha;
  solve_positive(matrix, solution, numbers_);
  std::vector<double> kernel = by_rows_ ? std::vector<double>(columns_ * numbers_, 0) : solution;
  for (std::size_t i = 0; by_rows_ && i < rows_; ++i) {
    for (std::size_t d = 0; d < columns_; ++d) {
      for (std::size_t k = 0; k < numbers_; ++k)
        kernel[d * numbers_ + k] += scaled_[i * columns_ + d] * solution[i * numbers_ + k];
    }
  }
  LinearHead head{Tensor({static_cast<std::int64_t>(columns_), static_cast<std::int64_t>(numbers_)}),
                  Tensor({static_cast<std::int64_t>(numbers_)})};
  std::vector<double> bias = centres_;
  for (std::size_t at = 0; at < kernel.size(); ++at) {
    head.kernel.data<float>()[at] = static_cast<float>(kernel[at]);
    bias[at % numbers_] -= means_[at / numbers_] * kernel[at];
  }
  for (std::size_t k = 0; k < numbers_; ++k) head.bias.data<float>()[k] = static_cast<float>(bias[k]);
  return head;
}

}  // namespace graft::transfer

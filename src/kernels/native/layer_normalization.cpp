// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/layer_normalization.hpp"

#include <cmath>
#include <vector>

#include "kernels/native/loops.hpp"
#include "kernels/native/reduction.hpp"
#include "kernels/native/target_clones.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Sums along a row are made in so many lanes, which is what lets them vectorise.
constexpr std::size_t kLanes = 16;

/// Sum of f(i) for i in [0, count).
template <typename F>
[[gnu::always_inline]] inline float sum_of(std::size_t count, const F& f) {
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += f(i + lane);
  }
  float sum = 0;
  for (; i < count; ++i) sum += f(i);
  for (const float lane : lanes) sum += lane;
  return sum;
}

/// Gamma and beta of a row, all ones and zeros where absent.
struct Affine {
  const float* gamma;
  const float* beta;
};

/// Where mean and inverse deviation of each row are kept; null: nowhere.
struct Statistics {
  float* mean;
  float* inverse;
};

GRAFT_CLONES void normalize(const float* x, const Affine& by, float epsilon, float* y,
                            const loops::Rows& extents, const Statistics& keep) {
  const std::size_t c = extents.channels;
  const auto share = 1.0F / static_cast<float>(c);
  for (std::size_t r = 0; r < extents.rows; ++r, x += c, y += c) {
    const float mean = sum_of(c, [x](std::size_t i) { return x[i]; }) * share;
    const float variance =
        sum_of(c, [x, mean](std::size_t i) { return (x[i] - mean) * (x[i] - mean); }) * share;
    const float inverse = 1.0F / std::sqrt(variance + epsilon);
    if (keep.mean != nullptr) keep.mean[r] = mean;
    if (keep.inverse != nullptr) keep.inverse[r] = inverse;
    for (std::size_t i = 0; i < c; ++i) y[i] = (x[i] - mean) * inverse * by.gamma[i] + by.beta[i];
  }
}

/// The arrays of some rows.
struct RowsOf {
  const float* x;
  const float* dy;
  const float* mean;
  const float* inverse;
};

GRAFT_CLONES void backward(const RowsOf& rows, const float* gamma, float* dx, const loops::Rows& extents) {
  const std::size_t c = extents.channels;
  const auto share = 1.0F / static_cast<float>(c);
  for (std::size_t r = 0; r < extents.rows; ++r, dx += c) {
    const float* x = rows.x + r * c;
    const float* dy = rows.dy + r * c;
    const float mean = rows.mean[r];
    const float inverse = rows.inverse[r];
    const float by_mean = sum_of(c, [=](std::size_t i) { return gamma[i] * dy[i]; }) * share;
    const float by_deviation =
        sum_of(c, [=](std::size_t i) { return gamma[i] * dy[i] * ((x[i] - mean) * inverse); }) * share;
    for (std::size_t i = 0; i < c; ++i)
      dx[i] = inverse * (gamma[i] * dy[i] - by_mean - (x[i] - mean) * inverse * by_deviation);
  }
}

/// dgamma and dbeta of some rows, added to sums (2, C).
GRAFT_CLONES void add_parameters(const RowsOf& rows, const loops::Rows& extents, double* sums) {
  const std::size_t c = extents.channels;
  double* dgamma = sums;
  double* dbeta = sums + c;
  for (std::size_t r = 0; r < extents.rows; ++r) {
    const float* x = rows.x + r * c;
    const float* dy = rows.dy + r * c;
    const float mean = rows.mean[r];
    const float inverse = rows.inverse[r];
    for (std::size_t i = 0; i < c; ++i) {
      dgamma[i] += static_cast<double>(dy[i] * ((x[i] - mean) * inverse));
      dbeta[i] += static_cast<double>(dy[i]);
    }
  }
}

float* from_row(float* statistics, std::size_t row) {
  return statistics == nullptr ? nullptr : statistics + row;
}

}  // namespace

Function layer_normalization(const ops::GroupNormalization& op, const Spec& spec) {
  const std::size_t c = channels(spec.inputs[0].shape);
  return [c, count = rows(spec.inputs[0].shape), epsilon = op.epsilon, ones = std::vector<float>(c, 1.0F),
          zeros = std::vector<float>(c, 0.0F)](const RunContext&, Inputs inputs, Outputs outputs) {
    const Affine by{in(inputs, 1) != nullptr ? in(inputs, 1) : ones.data(),
                    in(inputs, 2) != nullptr ? in(inputs, 2) : zeros.data()};
    loops::for_each_row_block(count, c, [&](std::size_t begin, std::size_t end) {
      normalize(in(inputs, 0) + begin * c, by, epsilon, out(outputs, 0) + begin * c, {end - begin, c},
                {from_row(out(outputs, 1), begin), from_row(out(outputs, 2), begin)});
    });
  };
}

Function layer_normalization_backward(const Spec& spec) {
  const std::size_t c = channels(spec.inputs[0].shape);
  const std::size_t count = rows(spec.inputs[0].shape);
  return [c, count, ones = std::vector<float>(c, 1.0F), reduction = loops::Reduction(count, c, 2)](
             const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* gamma = in(inputs, 1) != nullptr ? in(inputs, 1) : ones.data();
    const auto at = [&](std::size_t row) {
      return RowsOf{in(inputs, 0) + row * c, in(inputs, 4) + row * c, in(inputs, 2) + row,
                    in(inputs, 3) + row};
    };
    if (out(outputs, 0) != nullptr) {
      loops::for_each_row_block(count, c, [&](std::size_t begin, std::size_t end) {
        backward(at(begin), gamma, out(outputs, 0) + begin * c, {end - begin, c});
      });
    }
    if (out(outputs, 1) == nullptr && out(outputs, 2) == nullptr) return;
    const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
      add_parameters(at(begin), {end - begin, c}, part);
    });
    for (std::size_t which = 1; which < 3; ++which) {
      for (std::size_t i = 0; i < c && out(outputs, which) != nullptr; ++i)
        out(outputs, which)[i] = static_cast<float>(sums[(which - 1) * c + i]);
    }
  };
}

}  // namespace graft::kernels::native_detail

// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/ops/layer_normalization.hpp"

#include <cmath>
#include <vector>

#include "graft/base/target_clones.hpp"

#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {
namespace {

/// Sums along a row are computed in this many lanes, so that they vectorise.
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

/// Gamma and beta of a row, all ones and zeros where absent; what is added to variances.
struct Affine {
  const float* gamma;
  const float* beta;
  float epsilon;
};

/// Where mean and inverse deviation of each row are kept; null: nowhere.
struct Statistics {
  float* mean;
  float* inverse;
};

GRAFT_CLONES void normalize(const float* x, const Affine& by, float* y, const vectors::Rows& extents,
                            const Statistics& keep) {
  const std::size_t c = extents.channels;
  const auto share = 1.0F / static_cast<float>(c);
  for (std::size_t r = 0; r < extents.rows; ++r, x += c, y += c) {
    const float mean = sum_of(c, [x](std::size_t i) { return x[i]; }) * share;
    const float variance =
        sum_of(c, [x, mean](std::size_t i) { return (x[i] - mean) * (x[i] - mean); }) * share;
    const float inverse = 1.0F / std::sqrt(variance + by.epsilon);
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

GRAFT_CLONES void backward(const RowsOf& rows, const float* gamma, float* dx, const vectors::Rows& extents) {
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
GRAFT_CLONES void add_parameters(const RowsOf& rows, const vectors::Rows& extents, double* sums) {
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
  using In = ops::GroupNormalization::In;
  using Out = ops::GroupNormalization::Out;
  const std::size_t c = channels(spec.in(In::x).shape);
  return [c, count = rows(spec.in(In::x).shape), epsilon = op.epsilon, ones = std::vector<float>(c, 1.0F),
          zeros = std::vector<float>(c, 0.0F)](const RunContext&, Inputs inputs, Outputs outputs) {
    const Affine by{in(inputs, In::gamma) != nullptr ? in(inputs, In::gamma) : ones.data(),
                    in(inputs, In::beta) != nullptr ? in(inputs, In::beta) : zeros.data(), epsilon};
    vectors::for_each_row_block(count, c, [&](std::size_t begin, std::size_t end) {
      normalize(in(inputs, In::x) + begin * c, by, out(outputs, Out::y) + begin * c, {end - begin, c},
                {from_row(out(outputs, Out::mean), begin), from_row(out(outputs, Out::inverse), begin)});
    });
  };
}

Function layer_normalization_backward(const Spec& spec) {
  using In = ops::GroupNormalizationBackward::In;
  using Out = ops::GroupNormalizationBackward::Out;
  const std::size_t c = channels(spec.in(In::x).shape);
  const std::size_t count = rows(spec.in(In::x).shape);
  return [c, count, ones = std::vector<float>(c, 1.0F), reduction = vectors::Reduction(count, c, 2)](
             const RunContext&, Inputs inputs, Outputs outputs) mutable {
    const float* gamma = in(inputs, In::gamma) != nullptr ? in(inputs, In::gamma) : ones.data();
    const auto at = [&](std::size_t row) {
      return RowsOf{in(inputs, In::x) + row * c, in(inputs, In::dy) + row * c, in(inputs, In::mean) + row,
                    in(inputs, In::inverse) + row};
    };
    if (out(outputs, Out::dx) != nullptr) {
      vectors::for_each_row_block(count, c, [&](std::size_t begin, std::size_t end) {
        backward(at(begin), gamma, out(outputs, Out::dx) + begin * c, {end - begin, c});
      });
    }
    float* dgamma = out(outputs, Out::dgamma);
    float* dbeta = out(outputs, Out::dbeta);
    if (dgamma == nullptr && dbeta == nullptr) return;
    const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
      add_parameters(at(begin), {end - begin, c}, part);
    });
    for (std::size_t i = 0; i < c; ++i) {
      if (dgamma != nullptr) dgamma[i] = static_cast<float>(sums[i]);
      if (dbeta != nullptr) dbeta[i] = static_cast<float>(sums[c + i]);
    }
  };
}

}  // namespace graft::kernels::native_detail

// SPDX-License-Identifier: Apache-2.0
// Batch normalisation in training mode together with the activation after it. Images are float32 or
// bfloat16, read in place; statistics and their gradients are float32, of sums in double.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <type_traits>
#include <vector>

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/batch_rows.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {
namespace {

using vectors::Rows;

/// One number of each for every channel, and the op's constants.
class Numbers {
 public:
  Numbers(std::size_t channels, const ops::Activation& activation, float epsilon)
      : activation_(activation),
        clips_(vectors::only_clips(activation)),
        epsilon_(static_cast<double>(epsilon)),
        shift_(channels),
        scale_(channels),
        by_dz_(channels),
        by_x_(channels),
        constant_(channels) {}

  [[nodiscard]] const ops::Activation& activation() const { return activation_; }
  [[nodiscard]] bool clips() const { return clips_; }

  /// beta null: zero.
  void set(const float* gamma, const float* beta, const float* variance) {
    for (std::size_t i = 0; i < scale_.size(); ++i) {
      scale_[i] = static_cast<float>(gamma[i] * inverse(variance[i]));
      shift_[i] = beta == nullptr ? 0.0F : beta[i];
    }
  }
  /// sums (2, C) of dz and dz (x - mean).
  struct GradientSums {
    const double* sums;
    double rows;
  };
  void set_gradients(const GradientSums& of, const float* gamma, const float* variance, Outputs outputs) {
    using Out = ops::BatchNormalizationTrainingBackward::Out;
    const std::size_t c = scale_.size();
    float* all_dgamma = out(outputs, Out::dgamma);
    float* all_dbeta = out(outputs, Out::dbeta);
    for (std::size_t i = 0; i < c; ++i) {
      const double dbeta = of.sums[i];
      const double dgamma = of.sums[c + i] * inverse(variance[i]);
      const double scale = gamma[i] * inverse(variance[i]);
      by_dz_[i] = static_cast<float>(scale);
      by_x_[i] = static_cast<float>(-scale * inverse(variance[i]) * dgamma / of.rows);
      constant_[i] = static_cast<float>(-scale * dbeta / of.rows);
      if (all_dgamma != nullptr) all_dgamma[i] = static_cast<float>(dgamma);
      if (all_dbeta != nullptr) all_dbeta[i] = static_cast<float>(dbeta);
    }
  }
  /// activated: with the clipping that is the activation.
  [[nodiscard]] BatchLine line(const float* mean, bool activated) const {
    BatchLine line{.mean = mean,
                   .scale = scale_.data(),
                   .shift = shift_.data(),
                   .by_dz = by_dz_.data(),
                   .by_x = by_x_.data(),
                   .constant = constant_.data()};
    if (activated && !activation_.is_linear()) {
      line.low = 0;
      line.high = activation_.max_value;
    }
    return line;
  }

 private:
  [[nodiscard]] double inverse(float variance) const { return 1 / std::sqrt(variance + epsilon_); }

  ops::Activation activation_;
  bool clips_;
  double epsilon_;
  std::vector<float> shift_, scale_, by_dz_, by_x_, constant_;
};

/// Blocks of whole rows that fit the first-level cache: at least one row.
class RowBlock {
 public:
  explicit RowBlock(std::size_t count) : values_(count <= std::size(few_) ? 0 : count) {}
  [[nodiscard]] float* data() { return values_.empty() ? few_ : values_.data(); }

 private:
  float few_[vectors::kBlock];  // not set: each use writes it first
  std::vector<float> values_;
};

void store(const float* from, float* to, std::size_t count) { std::copy_n(from, count, to); }
void store(const float* from, std::uint16_t* to, std::size_t count) {
  vectors::to_bfloat16_block(from, to, count);
}

template <typename X>
void activate_rows(const X* x, const Numbers& numbers, const float* mean, X* y, const Rows& extents) {
  if (numbers.clips()) return normalize_batch(x, numbers.line(mean, true), y, extents);
  const std::size_t count = extents.rows * extents.channels;
  RowBlock z(count);
  normalize_batch(x, numbers.line(mean, false), z.data(), extents);
  vectors::activate_block(numbers.activation(), z.data(), z.data(), count);
  store(z.data(), y, count);
}

template <typename X>
Function forward_function(const ops::BatchNormalizationTraining& op, const Spec& spec) {
  using In = ops::BatchNormalizationTraining::In;
  using Out = ops::BatchNormalizationTraining::Out;
  const std::size_t c = channels(spec.in(In::x).shape);
  const std::size_t row_count = rows(spec.in(In::x).shape);
  return [c, row_count, numbers = Numbers(c, op.activation, op.epsilon),
          reduction = vectors::Reduction(row_count, c, 2)](const RunContext&, Inputs inputs,
                                                           Outputs outputs) mutable {
    const X* x = in<X>(inputs, In::x);
    X* y = out<X>(outputs, Out::y);
    float* mean = out(outputs, Out::mean);
    float* variance = out(outputs, Out::variance);
    const double* sums = reduction.run([&](std::size_t begin, std::size_t end, double* part) {
      add_moments(x + begin * c, {end - begin, c}, part);
    });
    const auto count = static_cast<double>(row_count);
    for (std::size_t i = 0; i < c; ++i) {
      const double centre = sums[i] / count;
      mean[i] = static_cast<float>(centre);
      variance[i] = static_cast<float>(std::max(0.0, sums[c + i] / count - centre * centre));
    }
    numbers.set(in(inputs, In::gamma), in(inputs, In::beta), variance);
    vectors::for_each_row_block(row_count, c, [&](std::size_t begin, std::size_t end) {
      activate_rows(x + begin * c, numbers, mean, y + begin * c, {end - begin, c});
    });
  };
}

/// Rows before an activation, and the gradient after it.
template <typename X, typename D>
struct GradientRows {
  const X* x;
  const D* dy;
  Rows extents;
};

/// dz: the gradient before an activation that does more than clip.
template <typename X, typename D>
void inner_gradient(const GradientRows<X, D>& in, const Numbers& numbers, const float* mean, float* dz) {
  const std::size_t count = in.extents.rows * in.extents.channels;
  const ops::Activation& activation = numbers.activation();
  RowBlock from(count);
  normalize_batch(in.x, numbers.line(mean, false), from.data(), in.extents);
  if (ops::derivative_from_output(activation))
    vectors::activate_block(activation, from.data(), from.data(), count);
  if constexpr (std::is_same_v<D, float>) {
    vectors::activation_backward_block(activation, from.data(), in.dy, dz, count);
  } else {
    vectors::from_bfloat16_block(in.dy, dz, count);
    vectors::activation_backward_block(activation, from.data(), dz, dz, count);
  }
}

/// X: of x and dx, D: of dy.
template <typename X, typename D>
class Backward {
  using In = ops::BatchNormalizationTrainingBackward::In;
  using Out = ops::BatchNormalizationTrainingBackward::Out;

 public:
  Backward(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec)
      : channels_(channels(spec.in(In::x).shape)),
        rows_(rows(spec.in(In::x).shape)),
        numbers_(channels_, op.activation, op.epsilon),
        reduction_(rows_, channels_, 2) {}

  void run(Inputs inputs, Outputs outputs) {
    x_ = in<X>(inputs, In::x);
    mean_ = in(inputs, In::mean);
    dy_ = in<D>(inputs, In::dy);
    numbers_.set(in(inputs, In::gamma), in(inputs, In::beta), in(inputs, In::variance));
    const double* sums = reduction_.run([&](std::size_t begin, std::size_t end, double* part) {
      if (numbers_.clips()) return add(begin, end, part);
      const std::size_t step = std::max<std::size_t>(1, vectors::kBlock / channels_);
      for (std::size_t r = begin; r < end; r += step) add_block(r, std::min(r + step, end), part);
    });
    numbers_.set_gradients({sums, static_cast<double>(rows_)}, in(inputs, In::gamma),
                           in(inputs, In::variance), outputs);
    X* dx = out<X>(outputs, Out::dx);
    if (dx == nullptr) return;
    vectors::for_each_row_block(rows_, channels_,
                                [&](std::size_t begin, std::size_t end) { write(begin, end, dx); });
  }

 private:
  [[nodiscard]] Rows extents(std::size_t begin, std::size_t end) const { return {end - begin, channels_}; }

  void add(std::size_t begin, std::size_t end, double* part) const {
    add_gradient_sums(x_ + begin * channels_, numbers_.line(mean_, true), dy_ + begin * channels_,
                      extents(begin, end), part);
  }
  void add_block(std::size_t begin, std::size_t end, double* part) const {
    RowBlock dz((end - begin) * channels_);
    inner(begin, end, dz.data());
    add_gradient_sums(x_ + begin * channels_, numbers_.line(mean_, false), dz.data(), extents(begin, end),
                      part);
  }
  void inner(std::size_t begin, std::size_t end, float* dz) const {
    const std::size_t at = begin * channels_;
    inner_gradient(GradientRows<X, D>{x_ + at, dy_ + at, extents(begin, end)}, numbers_, mean_, dz);
  }
  void write(std::size_t begin, std::size_t end, X* dx) const {
    const X* x = x_ + begin * channels_;
    if (numbers_.clips()) {
      return batch_input_gradient(x, numbers_.line(mean_, true), dy_ + begin * channels_,
                                  dx + begin * channels_, extents(begin, end));
    }
    RowBlock dz((end - begin) * channels_);
    inner(begin, end, dz.data());
    batch_input_gradient(x, numbers_.line(mean_, false), dz.data(), dx + begin * channels_,
                         extents(begin, end));
  }

  std::size_t channels_, rows_;
  Numbers numbers_;
  vectors::Reduction reduction_;
  // Of the run under way.
  const X* x_ = nullptr;
  const float* mean_ = nullptr;
  const D* dy_ = nullptr;
};

template <typename X, typename D>
Function backward_function(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec) {
  return [backward = Backward<X, D>(op, spec)](const RunContext&, Inputs inputs, Outputs outputs) mutable {
    backward.run(inputs, outputs);
  };
}

bool is_bfloat16(const Argument& argument) { return argument.dtype == DType::bfloat16; }

}  // namespace

Function function_of(const ops::BatchNormalizationTraining& op, const Spec& spec) {
  return forward_function<float>(op, spec);
}

Function bf16_function_of(const ops::BatchNormalizationTraining& op, const Spec& spec) {
  using In = ops::BatchNormalizationTraining::In;
  using Out = ops::BatchNormalizationTraining::Out;
  if (!is_bfloat16(spec.in(In::x)) || !is_bfloat16(spec.out(Out::y))) return {};
  return forward_function<std::uint16_t>(op, spec);
}

Function function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec) {
  return backward_function<float, float>(op, spec);
}

Function bf16_function_of(const ops::BatchNormalizationTrainingBackward& op, const Spec& spec) {
  using In = ops::BatchNormalizationTrainingBackward::In;
  using Out = ops::BatchNormalizationTrainingBackward::Out;
  const bool low_dx = !spec.has_out(Out::dx) || is_bfloat16(spec.out(Out::dx));
  if (!is_bfloat16(spec.in(In::x)) || !low_dx) return {};
  return is_bfloat16(spec.in(In::dy)) ? backward_function<std::uint16_t, std::uint16_t>(op, spec)
                                      : backward_function<std::uint16_t, float>(op, spec);
}

Function function_of(const ops::UpdateMovingStatistics& op, const Spec& spec) {
  using In = ops::UpdateMovingStatistics::In;
  using Out = ops::UpdateMovingStatistics::Out;
  return [c = elements(spec.in(In::mean).shape), momentum = op.momentum](const RunContext&, Inputs inputs,
                                                                         Outputs outputs) {
    const auto update = [&](const float* value, float* moving) {
      for (std::size_t i = 0; i < c; ++i) moving[i] = moving[i] * momentum + value[i] * (1.0F - momentum);
    };
    update(in(inputs, In::mean), out(outputs, Out::moving_mean));
    update(in(inputs, In::variance), out(outputs, Out::moving_variance));
  };
}

}  // namespace graft::kernels::native_detail

// SPDX-License-Identifier: Apache-2.0
// x / (1 + exp(-x)) without a division: to 22 of the 24 places of float32, to 12 for results of bfloat16,
// which has 8. The polynomials are those of their degree whose largest relative error is least.
#include "kernels/vectors/swish.hpp"

#include <type_traits>

#include "graft/kernels/kernel.hpp"

#include "kernels/vectors/bf16_vectors.hpp"

namespace graft::kernels::vectors {
namespace {

constexpr float kLog2OfE = 1.44269504F;

/// exp(-x), relative error 1.2e-4: 2 to a whole number, times a polynomial for the rest.
GRAFT_BFLOAT16_INLINE Floats about_exp_of_negative(const Floats& x) {
  Floats whole;
  const Floats rest = split(x * -kLog2OfE, whole);
  Floats power = rest * 0.05517167F + 0.24261114F;
  power = power * rest + 0.69326099F;
  power = power * rest + 0.99992807F;
  return scaled(power, whole);
}

/// exp(-x), relative error 1e-7. The rest is subtracted in two parts, so that no digits are lost where x is
/// large.
GRAFT_BFLOAT16_INLINE Floats exp_of_negative(const Floats& x) {
  constexpr float kLogOf2 = 0.693359375F;
  constexpr float kLogOf2Less = -2.12194440e-4F;
  Floats whole;
  split(x * -kLog2OfE, whole);
  const Floats rest = (-x - whole * kLogOf2) - whole * kLogOf2Less;
  Floats power = rest * 0.00829764979F + 0.0419154205F;
  power = power * rest + 0.16667575F;
  power = power * rest + 0.499988945F;
  power = power * rest + 0.999999692F;
  power = power * rest + 1.00000007F;
  return scaled(power, whole);
}

template <typename Out>
GRAFT_BFLOAT16_INLINE Floats swish_of(const Floats& x) {
  if constexpr (std::is_same_v<Out, float>) {
    const Floats below = 1.0F + exp_of_negative(x);
    const Floats about = about_reciprocal(below);
    // One of Newton's steps: twice as many places; of infinity's reciprocal, which is zero, not a number.
    const Floats better = about * (2.0F - below * about);
    return x * where_number(better, about);
  } else {
    return x * about_reciprocal(1.0F + about_exp_of_negative(x));
  }
}

template <typename In, typename Out>
GRAFT_BFLOAT16_INLINE void swish_all(const In* x, Out* y, std::size_t count) {
  const auto end = static_cast<std::int64_t>(count);
  std::int64_t i = 0;
  for (; i + kLanes <= end; i += kLanes) store_rounded(swish_of<Out>(load_wide(x + i)), y + i);
  if (i == end) return;
  // The last few, less than a vector: from copies.
  In few[kLanes] = {};
  Out results[kLanes];
  for (std::int64_t k = i; k < end; ++k) few[k - i] = x[k];
  store_rounded(swish_of<Out>(load_wide(few)), results);
  for (std::int64_t k = i; k < end; ++k) y[k] = results[k - i];
}

}  // namespace

bool has_fast_swish(const ops::Activation& activation) {
  return activation.kind == ops::ActivationKind::silu && has_bfloat16();
}

GRAFT_BFLOAT16 void swish(const float* x, float* y, std::size_t count) { swish_all(x, y, count); }
GRAFT_BFLOAT16 void swish(const float* x, std::uint16_t* y, std::size_t count) { swish_all(x, y, count); }
GRAFT_BFLOAT16 void swish(const std::uint16_t* x, std::uint16_t* y, std::size_t count) {
  swish_all(x, y, count);
}

}  // namespace graft::kernels::vectors

// SPDX-License-Identifier: Apache-2.0
// The inner loops of depthwise.cpp: results in a line are summed in registers, so that a pixel is read once
// for all that see it. bfloat16 numbers of two rows are multiplied at once. The processor has AVX-512 with
// bfloat16.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/vectors/bf16_vectors.hpp"

namespace graft::kernels::native_detail {

using vectors::add_pairs;
using vectors::clip;
using vectors::Floats;
using vectors::Halves;
using vectors::kLanes;
using vectors::load_vector;
using vectors::load_wide;
using vectors::pairs_of;
using vectors::store_rounded;
using vectors::Words;

/// Results in a line; the channels are a multiple of 16. In and Out are float or bfloat16 bits.
/// Weights, for each row of taps or pair of rows: (kw, C), of float32 or of pairs of bfloat16.
template <typename In, typename Out>
struct DepthwiseStrip {
  static constexpr std::size_t kMostSide = 5;
  using Weight = std::conditional_t<std::is_same_v<In, float>, float, std::uint32_t>;

  /// By row of taps: the pixel that the first result's first tap sees, or would see beyond the left edge.
  std::array<const In*, kMostSide> pixels;
  std::int64_t left, width;  ///< its column, and how many there are: others are not read
  const Weight* weights;
  const float* bias;  ///< (C), or null
  Out* y;
  std::int64_t c;
  float low, high;  ///< results are clipped to these
};

inline constexpr int kMostDepthwiseResults = 5;

/// Rows of weights: bfloat16's come in pairs.
template <typename In>
constexpr std::int64_t depthwise_layers(std::int64_t side) {
  return std::is_same_v<In, float> ? side : (side + 1) / 2;
}

/// kEdge: some columns are beyond the image's left or right edge.
template <int kSide, int kStep, int kResults, bool kEdge, typename In, typename Out>
GRAFT_BFLOAT16 void sum_depthwise(const DepthwiseStrip<In, Out>& s) {
  constexpr int kColumns = (kResults - 1) * kStep + kSide;
  constexpr bool kIsFloat = std::is_same_v<In, float>;
  constexpr int kLayers = static_cast<int>(depthwise_layers<In>(kSide));
  using Numbers = std::conditional_t<kIsFloat, Floats, Words>;
  for (std::int64_t c = 0; c < s.c; c += kLanes) {
    Floats sums[kResults];
    const Floats start = s.bias != nullptr ? load_wide(s.bias + c) : Floats{};
    for (Floats& sum : sums) sum = start;
#pragma GCC unroll 5
    for (int layer = 0; layer < kLayers; ++layer) {
      Numbers weights[kSide];
      for (int x = 0; x < kSide; ++x)
        weights[x] = load_vector<Numbers>(s.weights + (layer * kSide + x) * s.c + c);
#pragma GCC unroll 16
      for (int column = 0; column < kColumns; ++column) {
        if (kEdge && (s.left + column < 0 || s.left + column >= s.width)) continue;
        const auto pixel = [&](int row) __attribute__((always_inline)) {
          return s.pixels[static_cast<std::size_t>(row)] + column * s.c + c;
        };
        Numbers seen;
        if constexpr (kIsFloat) {
          seen = load_vector<Floats>(pixel(layer));
        } else {
          const auto second = 2 * layer + 1 < kSide ? load_vector<Halves>(pixel(2 * layer + 1)) : Halves{};
          seen = pairs_of(load_vector<Halves>(pixel(2 * layer)), second);
        }
#pragma GCC unroll 5
        for (int i = 0; i < kResults; ++i) {
          const int x = column - i * kStep;
          if (x < 0 || x >= kSide) continue;
          if constexpr (kIsFloat) {
            sums[i] += seen * weights[x];
          } else {
            sums[i] = add_pairs(sums[i], seen, weights[x]);
          }
        }
      }
    }
    for (int i = 0; i < kResults; ++i) store_rounded(clip(sums[i], s.low, s.high), s.y + i * s.c + c);
  }
}

template <typename In, typename Out>
using SumDepthwise = void (*)(const DepthwiseStrip<In, Out>&);
/// By the number of results less one.
template <typename In, typename Out>
using DepthwiseSums = std::array<SumDepthwise<In, Out>, kMostDepthwiseResults>;

template <int kSide, int kStep, bool kEdge, typename In, typename Out, int... kResults>
constexpr DepthwiseSums<In, Out> depthwise_sums_by_results(std::integer_sequence<int, kResults...>) {
  return {sum_depthwise<kSide, kStep, kResults + 1, kEdge, In, Out>...};
}

template <bool kEdge, typename In, typename Out>
const DepthwiseSums<In, Out>& depthwise_sums(std::int64_t side, std::int64_t step) {
  constexpr std::make_integer_sequence<int, kMostDepthwiseResults> kAll;
  static constexpr auto kThree = depthwise_sums_by_results<3, 1, kEdge, In, Out>(kAll);
  static constexpr auto kThreeApart = depthwise_sums_by_results<3, 2, kEdge, In, Out>(kAll);
  static constexpr auto kFive = depthwise_sums_by_results<5, 1, kEdge, In, Out>(kAll);
  static constexpr auto kFiveApart = depthwise_sums_by_results<5, 2, kEdge, In, Out>(kAll);
  if (side == 3) return step == 1 ? kThree : kThreeApart;
  return step == 1 ? kFive : kFiveApart;
}

/// The function for this many results (1 to 5) with taps of side 3 or 5 and a step of 1 or 2.
template <typename In, typename Out>
SumDepthwise<In, Out> depthwise_sum(std::int64_t side, std::int64_t step, std::int64_t results, bool edge) {
  const auto at = static_cast<std::size_t>(results - 1);
  return edge ? depthwise_sums<true, In, Out>(side, step).at(at)
              : depthwise_sums<false, In, Out>(side, step).at(at);
}

}  // namespace graft::kernels::native_detail

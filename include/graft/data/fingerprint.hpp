// SPDX-License-Identifier: Apache-2.0
// Finding photos that are there twice, or nearly so.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/tensor/tensor.hpp"

namespace graft::data {

/// What a picture is recognised by.
struct Fingerprint {
  static constexpr std::size_t kSide = 16;
  std::uint64_t pixels = 0;   ///< a number of all its pixels: equal for equal pictures
  std::uint64_t pattern = 0;  ///< perceptual hash: 64 signs, of which similar pictures share most
  std::array<std::uint8_t, kSide * kSide> thumbnail{};  ///< grey, 16 x 16, darkest 0 and brightest 255
  /// So little detail (a blank page, one colour) that only equal pixels make two of these the same.
  bool flat = false;
};

/// Fingerprint of a picture (H, W, C), uint8 or float32 0..255, C 1, 3 or 4 (alpha is ignored), of any size
/// from 1 x 1. The perceptual hash is the common one: grey, 32 x 32 by averaging, cosine transform, and of
/// its 8 x 8 lowest frequencies, the first row and column left out, whether each is above their median. It
/// does not notice another size, format, quality or a little more light. Errors: Error{shape_mismatch}.
[[nodiscard]] Fingerprint fingerprint(const Tensor& picture);

struct SimilarOptions {
  int bits = 6;  ///< of 64 may differ in the patterns
  /// Root mean square difference of the thumbnails at most, in levels of 255. Photos of one scene or one
  /// person a moment later share most of their pattern, but differ by more than this.
  double levels = 8;
};

/// Two pictures, by position, the first before the second.
struct SimilarPair {
  std::size_t first = 0, second = 0;
  bool exact = false;  ///< equal pixels
};

/// Pairs that are one picture, exactly or nearly, in order. Of many that belong together as many pairs are
/// given as join them, so there are fewer pairs than pictures. Time grows little more than
/// linearly: 100,000 pictures take about a second or two.
[[nodiscard]] std::vector<SimilarPair> find_similar(std::span<const Fingerprint> prints,
                                                    const SimilarOptions& options = {});

/// Joins what belongs together: a number for each of 0..count-1, equal within a group, the least position in
/// it. Groups may be given already (empty: none); pairs join theirs.
[[nodiscard]] std::vector<std::size_t> join_groups(std::size_t count, std::span<const std::size_t> groups,
                                                   std::span<const SimilarPair> pairs);

}  // namespace graft::data

// SPDX-License-Identifier: Apache-2.0
// Finding duplicate and nearly duplicate photos.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/tensor/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// Features by which equal and similar pictures are found.
struct Fingerprint {
  static constexpr std::size_t kSide = 16;
  std::uint64_t pixels = 0;   ///< hash of all pixels: equal for equal pictures
  std::uint64_t pattern = 0;  ///< perceptual hash: similar pictures share most of the 64 bits
  std::array<std::uint8_t, kSide * kSide> thumbnail{};  ///< grey, 16 x 16, darkest 0 and brightest 255
  /// Has so little detail (a blank page, one colour) that only equal pixels count as a duplicate.
  bool flat = false;
};

/// Fingerprint of a picture (H, W, C), uint8 or float32 0..255, C 1, 3 or 4 (alpha is ignored), of any size
/// from 1 x 1. The perceptual hash is the common one: grey, 32 x 32 by averaging, cosine transform, and of
/// its 8 x 8 lowest frequencies, the first row and column left out, whether each is above their median. It
/// hardly depends on size, format, quality and small changes of brightness. Errors: Error{shape_mismatch}.
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

/// Pairs of equal or nearly equal pictures, in order. For a group of duplicates only the pairs that connect
/// it are returned, so there are fewer pairs than pictures. Time grows little more than linearly: one or two
/// seconds for 100,000 pictures.
[[nodiscard]] std::vector<SimilarPair> find_similar(std::span<const Fingerprint> prints,
                                                    const SimilarOptions& options = {});

/// Joins pairs to groups: for each of 0..count-1 its group, identified by the smallest position in it.
/// groups: existing groups to start from (empty: none).
[[nodiscard]] std::vector<std::size_t> join_groups(std::size_t count, std::span<const std::size_t> groups,
                                                   std::span<const SimilarPair> pairs);

}  // namespace graft::data

#pragma GCC visibility pop

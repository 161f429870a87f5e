// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "graft/photos.hpp"
#include "graft/tensor.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// The side of the square that photos are brought to when their own median larger side is photo_side:
/// 4 photo_side, rounded up to a multiple of 32, at least 96 and at most network_side. A photo of 32 pixels
/// shows no more at 224 than at 128, where a network is three times as fast.
[[nodiscard]] std::int64_t enlarged_side(std::int64_t photo_side, std::int64_t network_side);

/// The size that a run works at: options.image_size; else 160 for the tutorial; else the application's own,
/// or less where the photos themselves are tiny (enlarged_side). Looks into a few of the photos' files.
[[nodiscard]] Size2D image_size_for(const data::PhotoList& photos, const TrainOptions& options);

}  // namespace transfer
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/recipes.hpp"
#include "graft/tensor.hpp"

namespace graft::cli {

/// The photos of a batch as one training step sees them: float32 (N, H, W, 3), 0 to 255.
[[nodiscard]] Tensor augmented_photos(const data::Batch& photos, const transfer::Augment& augment,
                                      std::uint64_t seed, std::uint64_t step);

/// One training photo of a run as `count` training steps saw it, uint8 (H, W, 3) each. Nothing for a run that
/// changed no photos while it trained, and where settings.json or the photos are gone.
[[nodiscard]] std::vector<Tensor> augmentations_of_run(const std::filesystem::path& run, std::size_t count);

}  // namespace graft::cli

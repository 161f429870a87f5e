// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct CenterCropOptions {
  std::int64_t height = 0, width = 0;  ///< of the output; must be > 0
  std::string name;
};

/// The middle of each picture. A picture that is too small in one direction is first cropped to the output's
/// proportions and then resized bilinearly, as Keras does.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer CenterCrop(CenterCropOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer center_crop_from_config(const Json& config);

struct RandomCropOptions {
  std::int64_t height = 0, width = 0;  ///< of the output; must be > 0
  std::optional<std::uint64_t> seed;   ///< unset: from random_seed() and the layer's name
  std::string name;
};

/// In training a part of the picture at a random place, the same for all pictures of a batch. In inference,
/// and where the picture is no larger than the output in both directions, the largest middle part with the
/// output's proportions, resized bilinearly.
///   Input   (N, H, W, C)
///   Output  (N, height, width, C)
[[nodiscard]] Layer RandomCrop(RandomCropOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer random_crop_from_config(const Json& config);

}  // namespace graft::layers

// SPDX-License-Identifier: Apache-2.0
// The size of a run, and the files of weights that a network has for it.
#pragma once

#include "graft/photos.hpp"
#include "graft/tensor.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

class Reporter;

/// To be called before photos are listed. Throws Error{not_found} where graft does not know the networks, or,
/// with model auto, where no network's weights are on this computer.
void check_networks(const TrainOptions& options);

/// The size that a run works at (image_size_for), with the weights of its networks on this computer: they are
/// looked for, and downloaded where that is allowed, only now, since MobileNets have another file for each of
/// several sizes. options.model is a name, or two. Errors: as classify::check_weights_here and
/// download_weights.
[[nodiscard]] Size2D size_with_weights(const data::PhotoList& photos, const TrainOptions& options,
                                       Reporter& reporter);

}  // namespace transfer
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "graft/cluster/communicator.hpp"
#include "graft/photos.hpp"

namespace graft {
inline namespace transfer {

/// What load_photos() with these options learns of the photos, of which each rank decodes its share; on every
/// rank the same. Given to load_photos() of the whole list, it decodes only what could not be decoded.
[[nodiscard]] std::shared_ptr<data::KnownPhotos> decode_in_shares(cluster::Communicator& ranks,
                                                                  const data::PhotoList& list,
                                                                  const data::LoadPhotosOptions& options,
                                                                  const data::LoadProgress& progress);

}  // namespace transfer
}  // namespace graft

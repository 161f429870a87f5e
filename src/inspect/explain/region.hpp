// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/explain.hpp"
#include "graft/photos.hpp"

namespace graft {
inline namespace inspect {

/// The part of a picture that a model's input shows after data::resize_photo().
[[nodiscard]] PhotoRegion region_seen(Size2D picture, const data::LoadPhotosOptions& options);

}  // namespace inspect
}  // namespace graft

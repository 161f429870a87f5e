// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/tensor.hpp"

namespace graft::cli {

/// Pictures of overlapping discs, float32 from 0 to 255. shape: (N, H, W, C). Where there are no photos they
/// stand for them: they have edges, even areas and detail of every size as photos do ("dead leaves": Lee,
/// Mumford and Huang 2001), and differ from one another in brightness and contrast. Of equal shapes the same.
[[nodiscard]] Tensor drawn_pictures(const Shape& shape);

}  // namespace graft::cli

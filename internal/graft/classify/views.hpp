// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace graft {
inline namespace classify {

/// Throws Error{invalid_argument} unless views is 1 to kMostViews.
void check_views(int views);

}  // namespace classify
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace graft {

/// True in builds that check themselves while they run (without NDEBUG).
#ifdef NDEBUG
inline constexpr bool kDebugBuild = false;
#else
inline constexpr bool kDebugBuild = true;
#endif

}  // namespace graft

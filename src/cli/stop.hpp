// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace graft::cli {

/// From here on the first Ctrl-C asks to stop and the second one kills, as it did before.
void watch_for_interrupt();
/// Whether there was one.
[[nodiscard]] bool interrupted();

}  // namespace graft::cli

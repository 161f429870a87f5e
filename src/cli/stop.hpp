// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace graft::cli {

/// From here on the first Ctrl-C asks to stop and the second one kills, as it did before.
void watch_for_interrupt();
/// Whether there was one.
[[nodiscard]] bool interrupted();

/// A file that grows beyond the limit set for it (ulimit -f) is an error of that write, as a full disk is,
/// and no longer the end of the program.
void let_large_writes_fail();

}  // namespace graft::cli

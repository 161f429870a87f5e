// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace graft::cli {

/// What a stopped command leaves.
enum class Stopping { keeps_model, ends };

/// From now on the first Ctrl-C or SIGTERM requests a stop; the second one ends the program at once.
void watch_for_interrupt(Stopping stopping);
/// From now on watch_for_interrupt() changes nothing: Ctrl-C and SIGTERM end the program. For ranks, which a
/// launcher ends together.
void leave_interrupts();
/// True after the first Ctrl-C or SIGTERM.
[[nodiscard]] bool interrupted();

/// Makes a write beyond the file size limit (ulimit -f) fail as on a full disk, instead of killing the
/// program.
void let_large_writes_fail();

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace graft {

/// Returns freed memory to the system, where the C library would keep it for later (glibc keeps
/// it for each thread). Takes milliseconds; any thread.
void give_back_freed_memory();

}  // namespace graft

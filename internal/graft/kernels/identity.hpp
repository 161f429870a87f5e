// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft::kernels {

/// What decides the last bits of a kernel's results beside its arguments and the number of threads: the
/// kernels' own version, oneDNN's, and the processor's instructions that both use. One line.
[[nodiscard]] std::string identity();

}  // namespace graft::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft::kernels {

/// What determines the last bits of a kernel's results, apart from its arguments and the number of threads:
/// the version of graft's kernels, oneDNN's, and the processor's instructions that both use. One line.
[[nodiscard]] std::string identity();

}  // namespace graft::kernels

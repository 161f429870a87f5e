// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft::plan {

/// What decides the last bits of a plan's results beside model, shapes and elements: graft's version, the
/// plan compiler's, the kernels' (kernels::identity), the number of threads and the global policy. One line.
[[nodiscard]] std::string identity();

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "plan/value_memory.hpp"

namespace graft::plan {

/// Results of the ops that put_frozen_first put first which the other forward ops read; empty where one of
/// the others reads an input.
[[nodiscard]] std::vector<ops::ValueId> results_of_frozen_ops(const Program& program,
                                                              const ValueMemory& memory);
/// Sum of the versions of the weights that the frozen ops read.
[[nodiscard]] std::uint64_t version_of_frozen_ops(const Program& program, const ValueMemory& memory);

}  // namespace graft::plan

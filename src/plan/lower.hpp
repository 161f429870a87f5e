// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/plan/program.hpp"

namespace graft::plan {

/// The model as ops, after all passes; log: what each pass did.
[[nodiscard]] Program lower_model(const Model& model, const PlanOptions& options, std::vector<PassInfo>& log);

}  // namespace graft::plan

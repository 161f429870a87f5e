// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/program.hpp"

namespace graft::plan {

/// The model as ops, after all passes but the memory plan.
[[nodiscard]] Program lower_model(const Model& model, const PlanOptions& options);

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/plan/program.hpp"

namespace graft::plan {

/// Turns an inference program, before all passes, to one whose backward pass ends at a feature map: see
/// PlanOptions::feature_map.
void mark_feature_map(Program& program, const std::string& layer);

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/plan/plan.hpp"

namespace graft::cli {

/// The value of --dump-plan where no pass is named.
inline constexpr const char* kAllPasses = "all";

/// One line per pass (milliseconds, ops before and after), then the final program; or the program after the
/// pass of this name. The plan was lowered with PassOptions::print. Throws Error{invalid_argument} listing
/// the names of the passes that ran.
[[nodiscard]] std::string dump_plan(const plan::Plan& plan, const std::string& pass);

}  // namespace graft::cli

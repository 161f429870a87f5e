// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/identity.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/kernels/identity.hpp"
#include "graft/plan/plan.hpp"
#include "graft/version.hpp"

namespace graft::plan {
namespace {

/// Increase it with every change to a pass that changes bits of results.
constexpr int kRevision = 4;

}  // namespace

std::string identity() {
  return cat("graft ", version(), ", plan ", kRevision, ", ", kernels::identity(), ", ", num_threads(),
             " threads, ", to_string(dtype_policy()));
}

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#include "transfer/base/operations.hpp"

#include "graft/plan/plan.hpp"

namespace graft::transfer {

double operations_of(const Model& model) {
  const plan::Plan plan = plan::Plan::lower(model, {.batch_size = 1});
  double operations = 0;
  for (const plan::StepInfo& step : plan.steps()) operations += step.operations;
  return operations;
}

}  // namespace graft::transfer

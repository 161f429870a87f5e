// SPDX-License-Identifier: Apache-2.0
#include "plan/lower.hpp"

#include "graft/base/fail.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/plan/passes.hpp"

#include "plan/feature_map.hpp"

namespace graft::plan {
namespace {

Shape concrete_input(const SymbolicTensor& input, const PlanOptions& options) {
  Shape shape = input.shape;
  if (options.input_shape) shape = options.input_shape->with_batch(-1);
  shape.set(0, options.batch_size);
  if (shape.is_open()) {
    fail(ErrorKind::shape_mismatch, "input '", input.layer->name(), "' has the shape ", input.shape,
         "; give the open sizes as input_shape");
  }
  return shape;
}

}  // namespace

Program lower_model(const Model& model, const PlanOptions& options, std::vector<PassInfo>& log) {
  if (options.batch_size < 1) {
    fail(ErrorKind::invalid_argument, "batch_size: expected at least 1, received ", options.batch_size);
  }
  Program program;
  program.training = options.mode == Mode::training;
  for (const SymbolicTensor& input : model.inputs()) {
    program.inputs.push_back(program.graph.add_input(concrete_input(input, options)));
    program.graph.value(program.inputs.back()).name = cat("input:", program.inputs.size() - 1);
  }
  layers::LowerContext context{.graph = program.graph,
                               .training = program.training,
                               .inference = !program.training,
                               .regularized = options.activities ? &program.activities : nullptr};
  auto lowered = model.functional()->lower_with(context, program.inputs, options.outputs);
  program.outputs = options.outputs.empty() ? std::move(lowered.outputs) : std::move(lowered.requested);
  for (const layers::RegularizedOutput& activity : program.activities)
    program.outputs.push_back(activity.value);
  if (options.feature_map) mark_feature_map(program, *options.feature_map);
  log = run_passes(program, options);
  return program;
}

}  // namespace graft::plan

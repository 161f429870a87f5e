// SPDX-License-Identifier: Apache-2.0
#include "plan/lower.hpp"

#include "graft/base/fail.hpp"
#include "graft/models/functional_model.hpp"

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

void check_int8(const Program& program, const PlanOptions& options) {
  if (program.training) {
    fail(ErrorKind::invalid_argument,
         "dtype_policy int8 is only for inference; train in float32 or mixed_bfloat16");
  }
  if (options.ranges == nullptr) {
    fail(ErrorKind::invalid_argument,
         "dtype_policy int8 needs the ranges of the model's values; quantize the model first");
  }
}

}  // namespace

Program lower_model(const Model& model, const PlanOptions& options) {
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
                               .regularized = options.activities ? &program.activities : nullptr};
  auto lowered = model.functional()->lower_with(context, program.inputs, options.outputs);
  program.outputs = options.outputs.empty() ? std::move(lowered.outputs) : std::move(lowered.requested);
  for (const layers::RegularizedOutput& activity : program.activities)
    program.outputs.push_back(activity.value);
  if (options.logits) strip_final_activation(program);
  remove_dead(program);
  fuse_flip(program);
  fuse_rescaling(program);
  fold_padding(program);
  fold_batch_normalization(program);
  fuse_add(program);
  fuse_activation(program);
  if (program.training) {
    add_gradients(program);
  } else {
    program.forward_ops = program.graph.ops().size();
  }
  const DTypePolicy precision = dtype_policy();
  if (precision == DTypePolicy::mixed_bfloat16) mix_precision(program);
  if (precision == DTypePolicy::int8) {
    check_int8(program, options);
    quantize(program, *options.ranges);
  }
  if (options.frozen_first) put_frozen_first(program);
  put_sums_last(program);
  split_batch(program, options.cache_bytes);
  return program;
}

}  // namespace graft::plan

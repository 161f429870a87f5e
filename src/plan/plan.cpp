// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/plan.hpp"

#include <algorithm>
#include <map>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"

#include "plan/executor.hpp"
#include "plan/frozen_ops.hpp"
#include "plan/lower.hpp"

namespace graft::plan {

struct Plan::State {
  State(Program program, const PlanOptions& options)
      : execution(current_execution()),
        executor(std::move(program), options.workspace),
        batch_size(options.batch_size) {}

  Execution execution;  ///< of the lowering: kernels are built for its threads
  Executor executor;
  std::int64_t batch_size;
  kernels::RunContext context;
  std::vector<Gradient> gradients;
  std::vector<std::size_t> order;        ///< of the gradients, by position, as they become final
  std::vector<std::size_t> final_after;  ///< by position: number of steps of the backward pass
  std::vector<VariablePtr> written;
  std::vector<Tensor> frozen_values;
  std::vector<PassInfo> passes;
};

Plan::Plan(std::unique_ptr<State> state) : state_(std::move(state)) {}
Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;

Plan Plan::lower(const Model& model, const PlanOptions& options) {
  const ExecutionScope scope(options.execution);
  std::vector<PassInfo> log;
  auto state = std::make_unique<State>(lower_model(model, options, log), options);
  state->passes = std::move(log);
  const Program& program = state->executor.program();
  std::map<const Variable*, ops::ValueId> by_variable;
  for (const auto& [value, gradient] : program.gradients) {
    if (const ops::WeightValue* weight = program.graph.value(value).weight())
      by_variable[weight->variable.get()] = gradient;
  }
  if (program.feature_map != ops::kAbsent && !program.gradients.contains(program.feature_map)) {
    fail(ErrorKind::unsupported, "the output does not depend on the feature map of layer '",
         program.feature_layer, "'");
  }
  const Uses uses(program);
  for (const VariablePtr& variable : model.trainable_weights()) {
    const auto found = by_variable.find(variable.get());
    if (found == by_variable.end()) continue;
    const ValueMemory& memory = state->executor.memory();
    state->order.push_back(state->gradients.size());
    state->gradients.push_back({variable, memory.view(found->second)});
    state->final_after.push_back(
        state->executor.backward_steps_until(uses.producer(memory.base_of(found->second))));
  }
  std::ranges::stable_sort(state->order, {}, [&](std::size_t i) { return state->final_after[i]; });
  for (const ops::Op& op : std::span(program.graph.ops()).first(program.forward_ops)) {
    for (const ops::ValueId output : op.outputs) {
      if (output == ops::kAbsent) continue;
      if (const ops::WeightValue* weight = program.graph.value(output).weight())
        state->written.push_back(weight->variable);
    }
  }
  if (options.frozen_first) {
    for (const ops::ValueId value : results_of_frozen_ops(program, state->executor.memory()))
      state->frozen_values.push_back(state->executor.memory().view(value));
  }
  return Plan(std::move(state));
}

void Plan::set_inputs(std::span<const Tensor> inputs) {
  const Program& program = state_->executor.program();
  if (inputs.size() != program.inputs.size()) {
    fail(ErrorKind::invalid_argument, "expected ", program.inputs.size(), " inputs, received ",
         inputs.size());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape& expected = program.graph.shape(program.inputs[i]);
    if (inputs[i].shape() != expected) {
      fail(ErrorKind::shape_mismatch, "input ", i, ": expected shape ", expected, ", received ",
           inputs[i].shape());
    }
    state_->executor.set_input(i, inputs[i].data<float>().data());
  }
}

void Plan::forward(std::span<const Tensor> inputs, std::uint64_t seed, std::uint64_t step) {
  const ExecutionScope scope(state_->execution);
  set_inputs(inputs);
  state_->context = {seed, step};
  state_->executor.forward(state_->context);
}

void Plan::forward(const Tensor& input, std::uint64_t seed, std::uint64_t step) {
  forward(std::span<const Tensor>(&input, 1), seed, step);
}

void Plan::forward_frozen(const Tensor& input) {
  const ExecutionScope scope(state_->execution);
  set_inputs(std::span<const Tensor>(&input, 1));
  state_->executor.forward_frozen({});
}

const std::vector<Tensor>& Plan::frozen_values() const { return state_->frozen_values; }
std::uint64_t Plan::frozen_version() const {
  return version_of_frozen_ops(state_->executor.program(), state_->executor.memory());
}

void Plan::forward_from_frozen(std::uint64_t seed, std::uint64_t step) {
  const ExecutionScope scope(state_->execution);
  state_->context = {seed, step};
  state_->executor.forward_from_frozen(state_->context);
}

Tensor Plan::output(std::size_t index) const {
  return state_->executor.memory().view(state_->executor.program().outputs.at(index));
}

void Plan::backward(const Tensor& output_gradient) { backward(output_gradient, {}); }

void Plan::backward(const Tensor& output_gradient, std::span<const Tensor> activity_gradients,
                    const GradientsFinal& are_final) {
  const Program& program = state_->executor.program();
  if (!program.training)
    fail(ErrorKind::invalid_argument, "this plan was lowered for inference: it has no backward pass");
  if (activity_gradients.size() != program.activities.size()) {
    fail(ErrorKind::invalid_argument, "gradients of activities: expected ", program.activities.size(),
         ", received ", activity_gradients.size());
  }
  const auto set = [&](ops::ValueId gradient, const Tensor& values) {
    if (gradient == ops::kAbsent) return;
    const Shape& expected = program.graph.shape(gradient);
    if (values.shape() != expected) {
      fail(ErrorKind::shape_mismatch, "gradient of the output: expected shape ", expected, ", received ",
           values.shape());
    }
    state_->executor.set_gradient(gradient, values.data<float>().data());
  };
  set(program.output_gradient, output_gradient);
  for (std::size_t i = 0; i < activity_gradients.size(); ++i)
    set(program.activity_gradients[i], activity_gradients[i]);
  const ExecutionScope scope(state_->execution);
  if (!are_final) return state_->executor.backward(state_->context);
  const std::span<const std::size_t> order = state_->order;
  std::size_t named = 0;
  const auto name_final = [&](std::size_t steps) {
    const std::size_t begin = named;
    while (named < order.size() && state_->final_after[order[named]] <= steps) ++named;
    are_final(order.subspan(begin, named - begin));
  };
  name_final(0);
  state_->executor.backward(state_->context, name_final);
}

std::vector<Activity> Plan::activities() const {
  const Program& program = state_->executor.program();
  std::vector<Activity> all;
  for (const layers::RegularizedOutput& one : program.activities)
    all.push_back({one.layer, one.rule, state_->executor.memory().view(one.value)});
  return all;
}

const std::vector<Gradient>& Plan::gradients() const { return state_->gradients; }
const std::vector<VariablePtr>& Plan::written() const { return state_->written; }
FinalActivation Plan::final_activation() const { return state_->executor.program().final_activation; }
FeatureMap Plan::feature_map() const {
  const Program& program = state_->executor.program();
  if (program.feature_map == ops::kAbsent)
    fail(ErrorKind::invalid_argument, "this plan was lowered without a feature map");
  return {.layer = program.feature_layer,
          .values = state_->executor.memory().view(program.feature_map),
          .gradient = state_->executor.memory().view(program.gradients.at(program.feature_map))};
}

std::int64_t Plan::batch_size() const { return state_->batch_size; }
std::size_t Plan::arena_bytes() const { return state_->executor.memory().bytes(); }
std::vector<StepInfo> Plan::steps() const { return state_->executor.steps(); }
const std::vector<PassInfo>& Plan::passes() const { return state_->passes; }
void Plan::start_timing() { state_->executor.start_timing(); }

}  // namespace graft::plan

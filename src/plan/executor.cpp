// SPDX-License-Identifier: Apache-2.0
#include "plan/executor.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/ops/op_info.hpp"

#include "plan/cost.hpp"

namespace graft::plan {

Executor::Executor(Program program, std::shared_ptr<Workspace> workspace)
    : program_(std::move(program)),
      from_weights_(made_from_weights(program_.graph)),
      needs_gradient_(needs_gradient(program_.graph)),
      memory_(plan_memory(program_, from_weights_)),
      workspace_(workspace != nullptr ? std::move(workspace) : std::make_shared<Workspace>()),
      base_(roots_of_views(program_.graph)),
      derived_(base_.size()) {
  std::size_t at_once = 1;
  for (const Segment& segment : program_.segments)
    at_once = std::max(at_once, static_cast<std::size_t>(segment.at_once));
  threads_.resize(at_once);
  for (const ops::Op& op : program_.graph.ops()) {
    if (!ops::is_view(op)) add_step(op);
  }
  sums_.allocate(threads_.size());
}

ops::ValueId Executor::base_of(ops::ValueId value) const { return base_[index(value)]; }

std::byte* Executor::pointer(ops::ValueId value) const {
  const ops::ValueId base = base_of(value);
  const ops::Value& entry = program_.graph.value(base);
  switch (entry.kind) {
    case ops::ValueKind::input:
      return nullptr;  // patched when given
    // Kernels read weights through const pointers, except those that update moving statistics.
    case ops::ValueKind::weight:
      return kernels::view_of(const_cast<Tensor&>(entry.variable->value())).data;
    case ops::ValueKind::constant:
      return kernels::view_of(const_cast<Tensor&>(entry.constant)).data;
    case ops::ValueKind::computed:
      break;
  }
  const auto& derived = derived_[index(base)];
  if (derived != nullptr) return static_cast<std::byte*>(derived->memory.get());
  const std::size_t offset = memory_.offset[index(base)];
  if (offset == MemoryPlan::kNoSlot) fail(ErrorKind::internal, "a computed value has no place in memory");
  return workspace_->reserve(arena_bytes()) + offset;
}

kernels::MutableView Executor::elements(ops::ValueId value) const {
  if (value == ops::kAbsent) return {};
  return {pointer(value), program_.graph.value(value).dtype};
}

kernels::Argument Executor::argument(ops::ValueId value, const Segment* segment) const {
  if (value == ops::kAbsent) return {.present = false};
  const ops::Value& entry = program_.graph.value(value);
  kernels::Argument argument{.shape = entry.shape, .dtype = entry.dtype, .scale = entry.scale};
  const bool weight = from_weights_[index(base_of(value))];
  argument.constant = weight && !(program_.training && needs_gradient_[index(value)]);
  if (segment != nullptr && !from_weights_[index(value)] && !is_summed(value))
    argument.shape.set(0, segment->samples);
  return argument;
}

bool Executor::is_summed(ops::ValueId value) const { return program_.summed[index(value)]; }

std::ptrdiff_t Executor::stride(ops::ValueId value, const Segment* segment) const {
  if (value == ops::kAbsent || segment == nullptr || from_weights_[index(value)]) return 0;
  if (is_summed(value)) return 0;
  if (program_.inside_segment[index(value)]) return 0;
  const kernels::Argument few = argument(value, segment);
  return static_cast<std::ptrdiff_t>(static_cast<std::size_t>(few.shape.count()) * size_of(few.dtype));
}

void Executor::add_step(const ops::Op& op) {
  Step step;
  const auto number = static_cast<std::size_t>(&op - program_.graph.ops().data());
  const Segment* segment = segment_of(program_, number);
  kernels::Spec spec{op.params, {}, {}};
  bool all_weights = true;
  for (const ops::ValueId input : op.inputs) {
    const bool present = input != ops::kAbsent;
    spec.inputs.push_back(argument(input, segment));
    step.input_strides.push_back(stride(input, segment));
    step.inputs.push_back(elements(input));
    const bool weight = present && from_weights_[index(base_of(input))];
    step.weights.push_back(weight ? step.inputs.back() : kernels::View{});
    if (weight) step.weight_ids.push_back(base_of(input));
    if (present && !weight) all_weights = false;
  }
  step.from_weights = all_weights;
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    const ops::ValueId output = op.outputs[i];
    const bool present = output != ops::kAbsent;
    if (present && all_weights)
      derived_[index(output)] = workspace_->derived_weights().find_or_make(op, i, program_.graph);
    spec.outputs.push_back(argument(output, segment));
    step.output_strides.push_back(stride(output, segment));
    step.outputs.push_back(elements(output));
    if (present && program_.graph.value(output).kind == ops::ValueKind::weight)
      step.updated.push_back(output);
  }
  if (segment != nullptr) {
    step.segment = segment;
    step.rounds =
        static_cast<std::size_t>(program_.graph.shape(program_.inputs.front())[0] / segment->samples);
  }
  step.op = &op;
  if (step.rounds > 1) add_sums(step);
  if (segment != nullptr && !step.from_weights) spec.concurrency = segment->at_once;
  step.kernel = kernels::make_kernel(spec);
  uses_openmp_ = uses_openmp_ || step.kernel->uses_openmp();
  (number < program_.forward_ops ? forward_ : backward_).push_back(std::move(step));
  if (number < program_.frozen_ops) ++frozen_steps_;
}

void Executor::add_sums(Step& step) {
  sums_.begin_step(*step.segment, step.rounds);
  for (std::size_t i = 0; i < step.op->outputs.size(); ++i) {
    const ops::ValueId output = step.op->outputs[i];
    if (output != ops::kAbsent && is_summed(output))
      step.sums.push_back(sums_.make(i, argument(output, nullptr)));
  }
}

std::uint64_t Executor::version(ops::ValueId value) const {
  const ops::Value& entry = program_.graph.value(value);
  if (entry.kind == ops::ValueKind::weight) return entry.variable->version();
  if (entry.kind == ops::ValueKind::constant) return 1;
  return derived_[index(value)]->version;
}

void Executor::prepare(Step& step, const kernels::RunContext& context) {
  if (step.weight_ids.empty()) return;
  std::uint64_t sum = 0;
  for (const ops::ValueId id : step.weight_ids) sum += version(id);
  if (step.from_weights) return derive(step, sum, context);
  if (sum == step.packed) return;
  step.kernel->pack(step.weights);
  step.packed = sum;
}

/// Computes the step's derived weights, unless another plan has done so.
void Executor::derive(Step& step, std::uint64_t made_of, const kernels::RunContext& context) {
  const auto is_made = [&](ops::ValueId output) {
    return output == ops::kAbsent || derived_[index(output)]->made_of == made_of;
  };
  if (std::ranges::all_of(step.op->outputs, is_made)) return;
  step.kernel->pack(step.weights);
  step.kernel->run(context, step.inputs, step.outputs);
  for (const ops::ValueId output : step.op->outputs) {
    if (output == ops::kAbsent) continue;
    DerivedWeight& result = *derived_[index(output)];
    result.made_of = made_of;
    ++result.version;
  }
}

void Executor::run_step(Step& step, std::size_t round, const kernels::RunContext& context) {
  prepare(step, context);
  if (step.from_weights) return;
  if (step.rounds == 1) {
    step.kernel->run(context, step.inputs, step.outputs);
    if (observer_) observer_(*step.op);
  } else {
    run_round(step, round, {.thread = 0, .first = round == 0}, context);
  }
  for (const ops::ValueId weight : step.updated) (void)program_.graph.value(weight).variable->mutable_value();
}

void Executor::find_arguments(const Step& step, std::size_t round, std::size_t thread) {
  Thread& found = threads_[thread];
  // In bytes: elements may be of two or four.
  const auto place = [&](std::ptrdiff_t stride, ops::ValueId value) {
    if (value == ops::kAbsent) return std::ptrdiff_t{0};
    return static_cast<std::ptrdiff_t>(round) * stride +
           static_cast<std::ptrdiff_t>(thread * memory_.thread_stride[index(value)]);
  };
  found.inputs.assign(step.inputs.begin(), step.inputs.end());
  found.outputs.assign(step.outputs.begin(), step.outputs.end());
  for (std::size_t i = 0; i < found.inputs.size(); ++i)
    found.inputs[i].data += place(step.input_strides[i], step.op->inputs[i]);
  for (std::size_t i = 0; i < found.outputs.size(); ++i)
    found.outputs[i].data += place(step.output_strides[i], step.op->outputs[i]);
}

/// Random ops draw the same for a round's samples as for the same samples of a whole batch.
kernels::RunContext Executor::context_of(const Step& step, std::size_t round, std::size_t thread,
                                         kernels::RunContext context) {
  context.first_sample = round * static_cast<std::size_t>(step.segment->samples);
  context.thread = thread;
  return context;
}

void Executor::run_round(Step& step, std::size_t round, RoundSums::Round of,
                         const kernels::RunContext& context) {
  Thread& arguments = threads_[of.thread];
  find_arguments(step, round, of.thread);
  sums_.place(step.sums, of, step.outputs, arguments.outputs);
  step.kernel->run(context_of(step, round, of.thread, context), arguments.inputs, arguments.outputs);
  sums_.add_round(step.sums, of, step.outputs);
}

template <typename Body>
void Executor::timed(bool wanted, Step& step, const Body& body) {
  using Clock = std::chrono::steady_clock;
  if (!wanted) return body();
  const Clock::time_point begin = Clock::now();
  body();
  step.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
}

void Executor::run_rounds_of(std::size_t thread, std::span<Step> steps, std::size_t begin, std::size_t end,
                             const kernels::RunContext& context) {
  for (std::size_t round = begin; round < end; ++round) {
    for (Step& step : steps) {
      if (step.from_weights) continue;
      // The other threads take as long as the first.
      timed(timed_ && thread == 0, step,
            [&] { run_round(step, round, {.thread = thread, .first = round == begin}, context); });
    }
  }
}

void Executor::run_rounds_at_once(std::span<Step> steps, std::size_t rounds,
                                  const kernels::RunContext& context) {
  for (Step& step : steps) prepare(step, context);
  const std::size_t count = threads_.size();
  parallel_for(count, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t thread = first; thread < last; ++thread)
      run_rounds_of(thread, steps, rounds * thread / count, rounds * (thread + 1) / count, context);
  });
  for (Step& step : steps) timed(timed_, step, [&] { sums_.add_threads(step.sums, step.outputs); });
}

void Executor::run_rounds(std::span<Step> steps, std::size_t rounds, const kernels::RunContext& context) {
  const Segment* segment = steps.front().segment;
  if (segment != nullptr && segment->at_once > 1) return run_rounds_at_once(steps, rounds, context);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (Step& step : steps) timed(timed_, step, [&] { run_step(step, round, context); });
  }
}

void Executor::run(std::span<Step> all, const kernels::RunContext& context) {
  const OpenMpLoops loops(uses_openmp_);
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin + 1;
    while (end < all.size() && all[begin].segment != nullptr && all[end].segment == all[begin].segment) ++end;
    run_rounds(all.subspan(begin, end - begin), all[begin].rounds, context);
    begin = end;
  }
}

void Executor::start_timing() {
  timed_ = true;
  for (std::vector<Step>* steps : {&forward_, &backward_}) {
    for (Step& step : *steps) step.seconds = 0;
  }
}

void Executor::forward(const kernels::RunContext& context) { run(forward_, context); }
void Executor::backward(const kernels::RunContext& context) { run(backward_, context); }

void Executor::forward_frozen(const kernels::RunContext& context) {
  run(std::span(forward_).first(frozen_steps_), context);
}
void Executor::forward_from_frozen(const kernels::RunContext& context) {
  run(std::span(forward_).subspan(frozen_steps_), context);
}

std::vector<ops::ValueId> Executor::frozen_values() const {
  const auto& all = program_.graph.ops();
  std::vector<bool> made(base_.size(), false);
  std::vector<ops::ValueId> found;
  bool reads_input = false;
  const auto read = [&](ops::ValueId value) {
    if (value == ops::kAbsent || from_weights_[index(base_of(value))]) return;
    const ops::ValueId base = base_of(value);
    if (program_.graph.value(base).kind == ops::ValueKind::input) reads_input = true;
    if (made[index(base)] && std::ranges::find(found, base) == found.end()) found.push_back(base);
  };
  for (std::size_t i = 0; i < program_.frozen_ops; ++i) {
    for (const ops::ValueId output : all[i].outputs) {
      if (output != ops::kAbsent) made[index(base_of(output))] = true;
    }
  }
  for (std::size_t i = program_.frozen_ops; i < program_.forward_ops; ++i) {
    for (const ops::ValueId input : all[i].inputs) read(input);
  }
  for (const ops::ValueId output : program_.outputs) read(output);
  return reads_input ? std::vector<ops::ValueId>{} : found;
}

std::uint64_t Executor::frozen_version() const {
  std::set<ops::ValueId> weights;
  const auto& all = program_.graph.ops();
  for (std::size_t i = 0; i < program_.frozen_ops; ++i) {
    for (const ops::ValueId input : all[i].inputs) {
      if (input != ops::kAbsent && program_.graph.value(input).kind == ops::ValueKind::weight)
        weights.insert(input);
    }
  }
  std::uint64_t sum = 0;
  for (const ops::ValueId weight : weights) sum += version(weight);
  return sum;
}

void Executor::patch_input(ops::ValueId input, const float* data) {
  const auto known = external_.find(input);
  if (known != external_.end() && known->second == data) return;
  external_[input] = data;
  const kernels::View given{std::as_bytes(std::span(data, 1)).data()};
  for (std::vector<Step>* steps : {&forward_, &backward_}) {
    for (Step& step : *steps) {
      for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        const ops::ValueId id = step.op->inputs[i];
        if (id != ops::kAbsent && base_of(id) == input) step.inputs[i] = given;
      }
    }
  }
}

void Executor::set_input(std::size_t index, const float* data) {
  patch_input(program_.inputs.at(index), data);
}

void Executor::set_gradient(ops::ValueId gradient, const float* data) { patch_input(gradient, data); }

Tensor Executor::view(ops::ValueId value) const {
  const ops::ValueId base = base_of(value);
  const bool given = program_.graph.value(base).kind == ops::ValueKind::input;
  void* data = given ? static_cast<void*>(const_cast<float*>(external_.at(base))) : pointer(value);
  const auto& derived = derived_[index(base)];
  return Tensor::view(program_.graph.shape(value), program_.graph.value(value).dtype, data,
                      derived ? derived->memory : std::shared_ptr<void>(workspace_, workspace_.get()));
}

std::vector<StepInfo> Executor::steps() const {
  std::vector<StepInfo> infos;
  for (const std::vector<Step>* steps : {&forward_, &backward_}) {
    for (const Step& step : *steps) {
      const Cost cost = cost_of(*step.op, program_.graph);
      infos.push_back({.layer = step.op->layer,
                       .op = std::string(ops::name_of(step.op->params)),
                       .implementation = std::string(step.kernel->implementation()),
                       .shape = cost.largest,
                       .operations = cost.operations,
                       .bytes = cost.bytes,
                       .backward = steps == &backward_,
                       .seconds = step.seconds});
    }
  }
  return infos;
}

}  // namespace graft::plan

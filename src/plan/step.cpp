// SPDX-License-Identifier: Apache-2.0
#include "plan/step.hpp"

#include <algorithm>

namespace graft::plan {

Step::Step(const Program& program, std::size_t number, ValueMemory& memory, RoundSums& sums)
    : program_(program),
      memory_(memory),
      op_(&program.graph.ops()[number]),
      segment_(segment_of(program, number)) {
  from_weights_ = std::ranges::all_of(op_->inputs, [&](ops::ValueId input) {
    return input == ops::kAbsent || memory.is_from_weights(input);
  });
  if (from_weights_) memory.add_derived(*op_);
  kernels::Spec spec = add_arguments();
  if (segment_ != nullptr) {
    rounds_ = static_cast<std::size_t>(program.graph.shape(program.inputs.front())[0] / segment_->samples);
    if (!from_weights_) spec.concurrency = segment_->at_once;
  }
  if (rounds_ > 1) {
    sums.begin_step(*segment_, rounds_);
    for (std::size_t i = 0; i < op_->outputs.size(); ++i) {
      const ops::ValueId output = op_->outputs[i];
      if (output != ops::kAbsent && program.summed[index(output)])
        sums_.push_back(sums.make(i, memory.argument(output, nullptr)));
    }
  }
  kernel_ = kernels::make_kernel(spec);
}

/// Finds the places of all arguments; returns the kernel's spec.
kernels::Spec Step::add_arguments() {
  kernels::Spec spec{op_->params, {}, {}};
  for (const ops::ValueId input : op_->inputs) {
    spec.inputs.push_back(memory_.argument(input, segment_));
    input_strides_.push_back(memory_.round_stride(input, segment_));
    whole_.inputs.push_back(memory_.elements(input));
    const bool weight = input != ops::kAbsent && memory_.is_from_weights(input);
    weights_.push_back(weight ? whole_.inputs.back() : kernels::View{});
    if (weight) weight_ids_.push_back(memory_.base_of(input));
  }
  for (const ops::ValueId output : op_->outputs) {
    spec.outputs.push_back(memory_.argument(output, segment_));
    output_strides_.push_back(memory_.round_stride(output, segment_));
    whole_.outputs.push_back(memory_.elements(output));
  }
  return spec;
}

void Step::prepare(const kernels::RunContext& context) {
  if (weight_ids_.empty()) return;
  std::uint64_t sum = 0;
  for (const ops::ValueId id : weight_ids_) sum += memory_.version(id);
  if (from_weights_) return derive(sum, context);
  if (sum == packed_) return;
  kernel_->pack(weights_);
  packed_ = sum;
}

/// Computes the derived weights, unless another plan has done so.
void Step::derive(std::uint64_t made_of, const kernels::RunContext& context) {
  const auto is_made = [&](ops::ValueId output) {
    return output == ops::kAbsent || memory_.derived(output).made_of == made_of;
  };
  if (std::ranges::all_of(op_->outputs, is_made)) return;
  kernel_->pack(weights_);
  run(context);
  for (const ops::ValueId output : op_->outputs) {
    if (output == ops::kAbsent) continue;
    DerivedWeight& result = memory_.derived(output);
    result.made_of = made_of;
    ++result.version;
  }
}

void Step::find_arguments(std::size_t round, std::size_t thread, Arguments& found) const {
  // In bytes: elements may be of two or four.
  const auto place = [&](std::ptrdiff_t stride, ops::ValueId value) {
    return static_cast<std::ptrdiff_t>(round) * stride +
           static_cast<std::ptrdiff_t>(thread * memory_.thread_stride(value));
  };
  found.inputs.assign(whole_.inputs.begin(), whole_.inputs.end());
  found.outputs.assign(whole_.outputs.begin(), whole_.outputs.end());
  for (std::size_t i = 0; i < found.inputs.size(); ++i)
    found.inputs[i].data += place(input_strides_[i], op_->inputs[i]);
  for (std::size_t i = 0; i < found.outputs.size(); ++i)
    found.outputs[i].data += place(output_strides_[i], op_->outputs[i]);
}

void Step::run_round(std::size_t round, RoundSums::Round of, Arguments& arguments, const RoundSums& sums,
                     const kernels::RunContext& context) {
  find_arguments(round, of.thread, arguments);
  sums.place(sums_, of, whole_.outputs, arguments.outputs);
  // Random ops draw the same for a round's samples as for the same samples of a whole batch.
  kernels::RunContext own = context;
  own.first_sample = round * static_cast<std::size_t>(segment_->samples);
  own.thread = of.thread;
  kernel_->run(own, arguments.inputs, arguments.outputs);
  sums.add_round(sums_, of, whole_.outputs);
}

void Step::mark_written() const {
  for (const ops::ValueId output : op_->outputs) {
    if (output == ops::kAbsent) continue;
    const ops::WeightValue* weight = program_.graph.value(output).weight();
    if (weight != nullptr) (void)weight->variable->mutable_value();
  }
}

void Step::set_input(ops::ValueId input, const float* data) {
  const kernels::View given{std::as_bytes(std::span(data, 1)).data()};
  for (std::size_t i = 0; i < whole_.inputs.size(); ++i) {
    const ops::ValueId id = op_->inputs[i];
    if (id != ops::kAbsent && memory_.base_of(id) == input) whole_.inputs[i] = given;
  }
}

}  // namespace graft::plan

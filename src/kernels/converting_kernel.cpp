// SPDX-License-Identifier: Apache-2.0
#include "kernels/converting_kernel.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "graft/ops/op_info.hpp"
#include "graft/tensor/tensor.hpp"

#include "kernels/arguments.hpp"
#include "kernels/native/convert.hpp"

namespace graft::kernels {
namespace {

/// float32 elements of one argument that are worked on at a time: two or three of them fit a second-level
/// cache.
constexpr std::int64_t kElementsAtATime = 65536;

/// Whether the op computes each sample of the first axis on its own, from arguments that all have this axis
/// or are vectors. Random ops would have to know which samples these are.
bool is_by_sample(const ops::Params& params) {
  const ops::OpInfo& info = ops::info(params);
  const ops::OpTraits traits = ops::traits(params);
  const bool is_product = info.functions.operations != nullptr;
  if (traits.samples == ops::Samples::together || traits.rare.random || is_product) return false;
  return std::ranges::none_of(info.outputs.all(), [](const ops::ArgumentInfo& output) {
    return output.has(ops::ArgumentTrait::sum_over_batch);
  });
}

/// An argument that has its own elements for each sample, not one set of numbers for all.
bool is_per_sample(const Argument& argument, std::int64_t n) {
  return argument.present && argument.shape.rank() > 1 && argument.shape[0] == n;
}

/// How many samples each run of the inner kernel takes: a divisor of the batch size, or 0: everything at
/// once.
std::int64_t samples_at_a_time(const Spec& spec) {
  const Shape& y = spec.outputs[0].shape;
  if (!is_by_sample(spec.params) || y.rank() < 2) return 0;
  const std::int64_t n = y[0];
  std::int64_t largest = 1;
  for (const auto* list : {&spec.inputs, &spec.outputs}) {
    for (const Argument& argument : *list) {
      if (!argument.present || argument.shape.rank() == 1) continue;
      if (!is_per_sample(argument, n)) return 0;
      largest = std::max(largest, argument.shape.count() / n);
    }
  }
  std::int64_t samples = std::clamp<std::int64_t>(kElementsAtATime / largest, 1, n);
  while (n % samples != 0) --samples;
  return samples;
}

/// Ops that only move elements treat two neighbouring bfloat16 numbers, or four of 8 bits and one scale, as
/// one float32, where the channels are so many.
std::optional<Spec> as_words(const Spec& spec) {
  const bool moves = ops::traits(spec.params).data == ops::Data::moved;
  const Argument& first = spec.inputs[0];
  if (!moves || first.dtype == DType::float32) return std::nullopt;
  const auto many = static_cast<std::int64_t>(sizeof(float) / size_of(first.dtype));
  Spec words = spec;
  for (auto* list : {&words.inputs, &words.outputs}) {
    for (Argument& argument : *list) {
      const Shape& shape = argument.shape;
      const bool alike = argument.dtype == first.dtype && argument.scale == first.scale;
      if (!alike || shape.rank() == 0 || shape[-1] % many != 0) return std::nullopt;
      argument.dtype = DType::float32;
      argument.shape.set(static_cast<int>(shape.rank()) - 1, shape[-1] / many);
    }
  }
  if (auto* part = std::get_if<ops::Slice>(&words.params);
      part != nullptr && part->axis + 1 == static_cast<int>(first.shape.rank())) {
    if (part->begin % many != 0) return std::nullopt;
    part->begin /= many;
  }
  return words;
}

/// float32 copies of whatever kernel this thread runs: one memory for all of them, as large as the largest
/// needs.
float* scratch(std::size_t count) {
  thread_local std::shared_ptr<void> memory;
  thread_local std::size_t size = 0;
  if (count > size) {
    memory.reset();
    memory = allocate_aligned(count * sizeof(float));
    size = count;
  }
  return static_cast<float*>(memory.get());
}

class ConvertingKernel final : public Kernel {
 public:
  ConvertingKernel(const Spec& spec, std::int64_t samples) {
    Spec inner{spec.params, {}, {}};
    const std::int64_t n = samples > 0 ? spec.outputs[0].shape[0] : 0;
    if (samples > 0) rounds_ = static_cast<std::size_t>(n / samples);
    for (const Argument& argument : spec.inputs) inner.inputs.push_back(add(argument, {n, samples}, inputs_));
    for (const Argument& argument : spec.outputs)
      inner.outputs.push_back(add(argument, {n, samples}, outputs_));
    kernel_ = make_kernel(inner);
    name_ = std::string(kernel_->implementation()) + ", converting";
    in_.resize(inputs_.size());
    out_.resize(outputs_.size());
  }

  void pack(Inputs inputs) override { kernel_->pack(inputs); }

  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    float* const copies = scratch(copied_);
    for (std::size_t round = 0; round < rounds_; ++round) {
      for (std::size_t i = 0; i < in_.size(); ++i) in_[i] = take(inputs_[i], in(inputs, i), round, copies);
      for (std::size_t i = 0; i < out_.size(); ++i) {
        const Passing& passing = outputs_[i];
        out_[i] = passing.low ? copies + passing.copy : place(passing, out(outputs, i), round);
      }
      kernel_->run(context, in_, out_);
      for (std::size_t i = 0; i < out_.size(); ++i) {
        if (!outputs_[i].low || outputs[i] == nullptr) continue;
        const Passing& passing = outputs_[i];
        auto* y =
            reinterpret_cast<std::byte*>(outputs[i]) + round * passing.stride * size_of(passing.format.dtype);
        loops::to_format(passing.format, out_[i], y, passing.count);
      }
    }
  }
  [[nodiscard]] std::string_view implementation() const override { return name_; }

 private:
  struct Passing {
    loops::Format format;
    bool low = false;        ///< not float32, and there
    std::size_t count = 0;   ///< elements of one round
    std::size_t stride = 0;  ///< elements from one round to the next; 0: the same in all
    std::size_t copy = 0;    ///< of what is low: where in the scratch memory
  };

  struct Batch {
    std::int64_t all, at_a_time;
  };
  Argument add(const Argument& argument, const Batch& batch, std::vector<Passing>& list) {
    Argument inner = argument;
    const bool split = batch.at_a_time > 0 && is_per_sample(argument, batch.all);
    if (split) inner.shape.set(0, batch.at_a_time);
    inner.dtype = DType::float32;
    Passing passing{.format = {argument.dtype, argument.scale},
                    .low = argument.present && argument.dtype != DType::float32};
    if (argument.present) passing.count = elements(inner.shape);
    if (split) passing.stride = passing.count;
    if (passing.low) {
      constexpr std::size_t kLine = 16;  // floats
      passing.copy = copied_;
      copied_ += (passing.count + kLine - 1) / kLine * kLine;
    }
    list.push_back(passing);
    return inner;
  }
  template <typename T>
  static T* place(const Passing& passing, T* whole, std::size_t round) {
    return whole == nullptr ? nullptr : whole + round * passing.stride;
  }
  static const float* take(const Passing& passing, const float* whole, std::size_t round, float* copies) {
    if (whole == nullptr || !passing.low) return place(passing, whole, round);
    const auto* x =
        reinterpret_cast<const std::byte*>(whole) + round * passing.stride * size_of(passing.format.dtype);
    loops::from_format(passing.format, x, copies + passing.copy, passing.count);
    return copies + passing.copy;
  }

  std::vector<Passing> inputs_, outputs_;
  std::unique_ptr<Kernel> kernel_;
  std::string name_;
  std::size_t rounds_ = 1;
  std::size_t copied_ = 0;  ///< floats of scratch memory
  std::vector<const float*> in_;
  std::vector<float*> out_;
};

}  // namespace

std::unique_ptr<Kernel> make_converting_kernel(const Spec& spec) {
  if (const auto words = as_words(spec)) return make_kernel(*words);
  return std::make_unique<ConvertingKernel>(spec, samples_at_a_time(spec));
}

}  // namespace graft::kernels

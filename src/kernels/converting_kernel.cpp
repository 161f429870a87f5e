// SPDX-License-Identifier: Apache-2.0
#include "kernels/converting_kernel.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "graft/ops/op_info.hpp"

#include "kernels/arguments.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/convert.hpp"

namespace graft::kernels {
namespace {

/// float32 elements of one argument that are processed at a time: two or three such arrays fit a second-level
/// cache.
constexpr std::int64_t kElementsAtATime = 65536;

/// Whether an op may run for a few samples at a time between conversions: its samples are independent and not
/// random, it has no sums over the batch, and plans pass bfloat16 arrays through it.
bool is_by_sample(const ops::Params& params) {
  const ops::OpTraits traits = ops::traits(params);
  const auto is_sum = [](const ops::ArgumentInfo& output) {
    return output.has(ops::ArgumentTrait::sum_over_batch);
  };
  return traits.samples != ops::Samples::together && traits.bfloat16 == ops::Bfloat16::passed_on &&
         !traits.rare.random && std::ranges::none_of(ops::info(params).outputs.all(), is_sum);
}

/// Whether an argument has its own elements for each sample, not one set of numbers for all samples.
bool is_per_sample(const Argument& argument, std::int64_t n) {
  return argument.present && argument.shape.rank() > 1 && argument.shape[0] == n;
}

/// Samples in each run of the inner kernel: a divisor of the batch size, or 0 for the whole batch at once.
std::int64_t samples_at_a_time(const Spec& spec) {
  const Shape& y = spec.outputs.front().shape;
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

class ConvertingKernel final : public Kernel {
 public:
  ConvertingKernel(const Spec& spec, std::int64_t samples) {
    Spec inner{spec.params, {}, {}};
    const std::int64_t n = samples > 0 ? spec.outputs.front().shape[0] : 0;
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
    auto* const copies = thread_scratch<float>(copied_, Scratch::conversion);
    for (std::size_t round = 0; round < rounds_; ++round) {
      for (std::size_t i = 0; i < in_.size(); ++i) {
        const View whole = i < inputs.size() ? inputs[i] : View{};
        in_[i] = inputs_[i].is_converted ? widened(inputs_[i], whole, round, copies)
                                         : inputs_[i].part(whole, round);
      }
      for (std::size_t i = 0; i < out_.size(); ++i) {
        const MutableView whole = i < outputs.size() ? outputs[i] : MutableView{};
        out_[i] = outputs_[i].is_converted ? outputs_[i].copy(copies) : outputs_[i].part(whole, round);
      }
      kernel_->run(context, in_, out_);
      for (std::size_t i = 0; i < out_.size(); ++i) {
        const Passing& passing = outputs_[i];
        if (!passing.is_converted || outputs[i].data == nullptr) continue;
        vectors::to_format(passing.scale, out_[i].as<float>(), passing.part(outputs[i], round),
                           passing.count);
      }
    }
  }
  [[nodiscard]] bool uses_openmp() const override { return kernel_->uses_openmp(); }
  [[nodiscard]] std::string_view implementation() const override { return name_; }

 private:
  /// How an argument is passed to the float32 kernel.
  struct Passing {
    float scale = 1;            ///< of 8-bit elements
    bool is_converted = false;  ///< present and not float32
    std::size_t count = 0;      ///< elements of one round
    std::size_t stride = 0;     ///< bytes from one round to the next; 0: the same in all
    std::size_t copy_at = 0;    ///< where its float32 copy is in the scratch memory, if it is converted

    /// The elements of one round.
    template <typename AnyView>
    [[nodiscard]] AnyView part(AnyView whole, std::size_t round) const {
      if (whole.data != nullptr) whole.data += round * stride;
      return whole;
    }
    [[nodiscard]] MutableView copy(float* copies) const {
      return {std::as_writable_bytes(std::span(copies + copy_at, count)).data(), DType::float32};
    }
  };

  struct Batch {
    std::int64_t all, at_a_time;
  };
  Argument add(const Argument& argument, const Batch& batch, std::vector<Passing>& list) {
    Argument inner = argument;
    const bool split = batch.at_a_time > 0 && is_per_sample(argument, batch.all);
    if (split) inner.shape.set(0, batch.at_a_time);
    inner.dtype = DType::float32;
    Passing passing{.scale = argument.scale,
                    .is_converted = argument.present && argument.dtype != DType::float32};
    if (argument.present) passing.count = elements(inner.shape);
    if (split) passing.stride = passing.count * size_of(argument.dtype);
    if (passing.is_converted) {
      constexpr std::size_t kLine = 16;  // floats
      passing.copy_at = copied_;
      copied_ += (passing.count + kLine - 1) / kLine * kLine;
    }
    list.push_back(passing);
    return inner;
  }
  static View widened(const Passing& passing, const View& whole, std::size_t round, float* copies) {
    if (whole.data == nullptr) return {};
    vectors::from_format(passing.scale, passing.part(whole, round), copies + passing.copy_at, passing.count);
    return passing.copy(copies);
  }

  std::vector<Passing> inputs_, outputs_;
  std::unique_ptr<Kernel> kernel_;
  std::string name_;
  std::size_t rounds_ = 1;
  std::size_t copied_ = 0;  ///< floats of scratch memory
  std::vector<View> in_;
  std::vector<MutableView> out_;
};

}  // namespace

std::unique_ptr<Kernel> make_converting_kernel(const Spec& spec) {
  return std::make_unique<ConvertingKernel>(spec, samples_at_a_time(spec));
}

}  // namespace graft::kernels

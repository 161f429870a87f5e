// SPDX-License-Identifier: Apache-2.0
#include "plan/round_sums.hpp"

#include <algorithm>
#include <array>

#include "graft/base/cache_line.hpp"
#include "graft/tensor.hpp"

namespace graft::plan {

void RoundSums::begin_step(const Segment& segment, std::size_t rounds) {
  if (&segment != segment_) own_end_ = 0;
  segment_ = &segment;
  has_later_rounds_ = rounds > static_cast<std::size_t>(segment.at_once);
  round_end_ = 0;
}

RoundSums::Sum RoundSums::make(std::size_t output, const kernels::Argument& whole) {
  const std::size_t bytes = whole_lines(static_cast<std::size_t>(whole.shape.count()) * size_of(whole.dtype));
  Sum sum{.output = output,
          .round_offset = round_end_,
          .own_offset = own_end_,
          .add = kernels::make_kernel({ops::Binary{ops::BinaryKind::add}, {whole, whole}, {whole}})};
  if (has_later_rounds_) round_end_ += bytes;
  if (segment_->at_once > 1) own_end_ += bytes;
  round_bytes_ = std::max(round_bytes_, round_end_);
  own_bytes_ = std::max(own_bytes_, own_end_);
  return sum;
}

void RoundSums::allocate(std::size_t threads) {
  memory_.resize(threads);
  for (std::size_t thread = 0; thread < threads; ++thread) {
    const std::size_t bytes = round_bytes_ + (thread == 0 ? 0 : own_bytes_);
    if (bytes > 0) memory_[thread] = allocate_aligned(bytes);
  }
}

kernels::MutableView RoundSums::round_part(const Sum& sum, std::size_t thread) const {
  return {static_cast<std::byte*>(memory_[thread].get()) + sum.round_offset};
}

kernels::MutableView RoundSums::own(const Sum& sum, std::size_t thread, kernels::Outputs wholes) const {
  if (thread == 0) return wholes[sum.output];
  return {static_cast<std::byte*>(memory_[thread].get()) + round_bytes_ + sum.own_offset};
}

void RoundSums::place(std::span<const Sum> sums, Round of, kernels::Outputs wholes,
                      std::span<kernels::MutableView> outputs) const {
  for (const Sum& sum : sums)
    outputs[sum.output] = of.first ? own(sum, of.thread, wholes) : round_part(sum, of.thread);
}

void RoundSums::add_round(std::span<const Sum> sums, Round of, kernels::Outputs wholes) const {
  if (of.first) return;
  for (const Sum& sum : sums) {
    const kernels::MutableView whole = own(sum, of.thread, wholes);
    sum.add->run({}, std::array<kernels::View, 2>{whole, round_part(sum, of.thread)}, std::array{whole});
  }
}

void RoundSums::add_threads(std::span<const Sum> sums, kernels::Outputs wholes) const {
  for (std::size_t thread = 1; thread < memory_.size(); ++thread) {
    for (const Sum& sum : sums) {
      const kernels::MutableView whole = wholes[sum.output];
      sum.add->run({}, std::array<kernels::View, 2>{whole, own(sum, thread, wholes)}, std::array{whole});
    }
  }
}

}  // namespace graft::plan

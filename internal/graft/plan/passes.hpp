// SPDX-License-Identifier: Apache-2.0
// The passes that rewrite a program between the lowering of a model and its execution, one file per pass in
// src/plan. passes() in passes.cpp lists them in the order in which they run.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "graft/plan/program.hpp"
#include "graft/plan/value_ranges.hpp"

namespace graft::plan {

struct Pass {
  std::string_view name;
  void (*run)(Program&, const PlanOptions&);
  /// Whether plans of this kind need it; null: always.
  bool (*applies)(const Program&, const PlanOptions&) = nullptr;
  bool can_be_disabled = true;
};

/// All passes, in order.
[[nodiscard]] std::span<const Pass> passes();
/// Runs the passes that apply and are not disabled, verifies and prints as options.passes asks, and returns
/// what each did. Throws Error{invalid_argument} for names of passes that are unknown or cannot be disabled.
std::vector<PassInfo> run_passes(Program& program, const PlanOptions& options);

/// Removes a final softmax or sigmoid from the first output.
void strip_final_activation(Program& program);
/// Removes ops whose results nothing reads.
void remove_dead(Program& program);
/// A random flip becomes part of the random rotation, zoom or shift after it: one pass over the images.
void fuse_flip(Program& program);
/// A rescaling after a random rotation, zoom or shift becomes part of it.
void fuse_rescaling(Program& program);
/// ZeroPadding2D becomes the padding of the convolutions that read it.
void fold_padding(Program& program);
/// BatchNormalization in inference mode becomes part of the convolution before it, also where its weights
/// train.
void fold_batch_normalization(Program& program);
/// A residual sum becomes part of the convolution before it.
void fuse_add(Program& program);
/// Activations become part of the op before them, where their derivative can be computed from the output.
void fuse_activation(Program& program);
/// Appends the backward pass, down to the earliest trainable weight of each path and no further.
void add_gradients(Program& program);
/// Turns the program to mixed precision: values between products become bfloat16, with casts where they meet
/// float32.
void mix_precision(Program& program);
/// Turns an inference program to 8 bits where the ranges of values are known: products of 8-bit numbers, and
/// the values between them.
void quantize(Program& program, const ValueRanges& ranges);
/// Puts the forward ops that depend on no trainable weight, no random number and no batch statistic before
/// the others. The last of them, up to a tenth of their work, count to the others where the others then read
/// less. Before split_batch.
void put_frozen_first(Program& program);
/// Puts the backward ops that read sums over the batch after all others, so that the others can run in chunks
/// of samples. Before split_batch.
void put_sums_last(Program& program);
/// Finds the segments, whose ops use about cache_bytes at a time. Sums over the batch are added up chunk by
/// chunk. After all passes that change ops.
void split_batch(Program& program, std::size_t cache_bytes);
/// Puts the ops that read sums over the batch where these are complete, so that the gradients of the last
/// layers are final long before those of the first. After split_batch.
void finish_sums_early(Program& program);

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "graft/kernels/kernel.hpp"
#include "graft/plan/program.hpp"
#include "graft/plan/workspace.hpp"

#include "plan/derived_weights.hpp"
#include "plan/plan_memory.hpp"

namespace graft::plan {

/// Where the elements of a program's values are: in the workspace, in weights and constants, in derived
/// weights, or in an array that was given. A value is kAbsent where that is allowed below, else one of the
/// program's.
class ValueMemory {
 public:
  /// program: must outlive this object. workspace: memory for activations and gradients; null: a new one.
  ValueMemory(const Program& program, std::shared_ptr<Workspace> workspace);

  /// The value whose memory this one shares through views.
  [[nodiscard]] ops::ValueId base_of(ops::ValueId value) const { return base_[index(value)]; }
  /// True for weights, constants and what is computed from these only.
  [[nodiscard]] bool is_from_weights(ops::ValueId value) const {
    return from_weights_[index(base_of(value))];
  }
  /// A value as an argument of a kernel that computes a chunk of the segment, or null: the whole batch. The
  /// value may be absent.
  [[nodiscard]] kernels::Argument argument(ops::ValueId value, const Segment* segment) const;
  /// Bytes from one round of the segment to the next; 0 where all rounds use the same. The value may be
  /// absent.
  [[nodiscard]] std::ptrdiff_t round_stride(ops::ValueId value, const Segment* segment) const;
  /// Bytes from one thread's copy to the next one's; 0 where all threads share one. The value may be absent.
  [[nodiscard]] std::size_t thread_stride(ops::ValueId value) const;
  /// The first element; null for inputs, which are given later. The value may be absent.
  [[nodiscard]] kernels::MutableView elements(ops::ValueId value) const;
  /// A tensor of a value's memory, which it keeps alive. An input must have been given.
  [[nodiscard]] Tensor view(ops::ValueId value) const;
  /// Sets the elements of an input, which must stay valid; returns whether their address is a new one.
  bool give(ops::ValueId input, const float* data);

  /// Memory for the outputs of an op whose inputs are all from weights. Call it before elements().
  void add_derived(const ops::Op& op);
  /// What add_derived() made for a value.
  [[nodiscard]] DerivedWeight& derived(ops::ValueId value) const { return *derived_[index(value)]; }
  /// Version of a weight, constant or derived weight: changes when its elements do.
  [[nodiscard]] std::uint64_t version(ops::ValueId value) const;

  /// Of the workspace.
  [[nodiscard]] std::size_t bytes() const { return places_.bytes; }

 private:
  [[nodiscard]] bool is_summed(ops::ValueId value) const { return program_.summed[index(value)]; }
  [[nodiscard]] std::byte* pointer(ops::ValueId base) const;

  const Program& program_;
  std::vector<bool> from_weights_, needs_gradient_;
  MemoryPlan places_;
  std::shared_ptr<Workspace> workspace_;
  std::vector<ops::ValueId> base_;                       ///< by value: roots_of_views()
  std::vector<std::shared_ptr<DerivedWeight>> derived_;  ///< by value, where it is made from weights
  std::map<ops::ValueId, const float*> given_;           ///< by input
};

}  // namespace graft::plan

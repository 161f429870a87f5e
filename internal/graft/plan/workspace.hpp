// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace graft::plan {

class DerivedWeights;

/// Memory for activations and gradients that several plans use in turn, so that plans for other batch sizes,
/// or for inference beside training, need no further memory. It grows to the size that the largest of them
/// needs. The plans also share what they compute from the same weights, such as kernels with folded
/// BatchNormalization. A plan's outputs and gradients are valid until the next forward() of any of the plans.
/// Threads: plans that share one must not run at the same time.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  /// At least this many bytes, aligned to a page. The address is the same for every call; it stays valid as
  /// long as the workspace lives. Throws Error{resource_limit}.
  [[nodiscard]] std::byte* reserve(std::size_t bytes);
  [[nodiscard]] std::size_t bytes() const { return used_; }
  /// Used by plans.
  [[nodiscard]] DerivedWeights& derived_weights() { return *derived_weights_; }

 private:
  std::byte* base_ = nullptr;
  std::size_t reserved_ = 0;  ///< bytes of address space
  std::size_t used_ = 0;      ///< bytes of them that may be touched
  std::unique_ptr<DerivedWeights> derived_weights_;
};

}  // namespace graft::plan

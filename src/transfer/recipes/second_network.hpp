// SPDX-License-Identifier: Apache-2.0
// A second network beside the first one: the model's answer is the mean of both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transfer/base/classifier_graph.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// The head over two networks' features side by side whose logits are the mean of both heads' logits.
[[nodiscard]] LinearHead mean_of_heads(const LinearHead& first, const LinearHead& second);

/// A frozen network with a head of its own.
class SecondNetwork {
 public:
  /// run must outlive it.
  SecondNetwork(const RunContext& run, const std::string& name);

  [[nodiscard]] const BaseModel& base() const { return base_; }
  /// Sends the photos through the network and solves its head. Not twice.
  void solve(const TrainingPhotos& teaching, int views);
  [[nodiscard]] const DepthHeads& heads() const { return heads_; }

  /// The first network at these depths with its head, and this one with its own, solved on validation photos
  /// too: one model.
  [[nodiscard]] ClassifierGraph join(const BaseDepths& first, const LinearHead& head) const;

 private:
  const RunContext& run_;
  BaseModel base_;
  std::vector<SymbolicTensor> depths_;
  DepthHeads heads_;
};

}  // namespace transfer
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// What a frozen network makes of photos, computed once, and kept from run to run.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graft/applications.hpp"
#include "graft/dataset.hpp"
#include "graft/disk_cache.hpp"
#include "graft/model.hpp"
#include "graft/plan/plan.hpp"

namespace graft {
inline namespace transfer {

class Reporter;

struct FeatureRequest {
  Model model;             ///< raw photos (N, H, W, C) -> features, any number of outputs
  std::string stage;       ///< what the progress calls it
  int views = 1;           ///< of each photo: view_of() 0 to views - 1
  DiskCacheOptions cache;  ///< where they are kept
  std::string label;       ///< what `graft cache` calls them
};

/// Each output of a model for every sample of a data set in the data set's own order, then for the same
/// samples in view 1, which is mirrored, and so on. What the cache has is not computed, and what is computed
/// goes into it, bit by bit the same: a photo's features depend neither on its neighbours nor on its place in
/// the batch. Without a cache everything stays in memory.
class Features {
 public:
  /// Of a data set of tensors nothing is cached. reporter must outlive this object.
  Features(FeatureRequest request, const data::Dataset& dataset, Reporter& reporter);

  /// Output number `output`, (views n, ...): n photos as they are, then view by view. Each photo is read
  /// once, for all outputs and views. Empty when a stop was requested.
  [[nodiscard]] Tensor take(std::size_t output);
  /// Rows computed by take() so far; the others were in the cache.
  [[nodiscard]] std::size_t computed() const { return computed_; }
  [[nodiscard]] std::size_t rows() const;

 private:
  [[nodiscard]] Hash128 key(std::size_t row, std::size_t output) const;
  [[nodiscard]] Tensor empty_output(std::size_t output) const;
  std::vector<bool> read_all(std::size_t output, Tensor& into);
  bool compute(const std::vector<bool>& missing, std::vector<Tensor>& into);
  /// This rank's part of what all compute; without ranks all.
  [[nodiscard]] std::vector<std::size_t> own_part(const std::vector<std::size_t>& photos) const;
  /// What ranks have computed of all photos goes to all of them.
  void spread(std::vector<Tensor>& into);
  void store(const plan::Plan& plan, std::span<const std::size_t> photos, std::size_t first_row,
             std::vector<Tensor>& into);

  FeatureRequest request_;
  data::Dataset dataset_;
  Reporter& reporter_;
  std::vector<Hash128> samples_;
  CacheSection cache_;
  std::vector<Tensor> kept_;  ///< outputs that stay in memory, where there is no cache
  std::size_t computed_ = 0;
};

/// "features of mobilenet_v2 224 x 224, float32"
[[nodiscard]] std::string feature_label(const applications::Application& application, Size2D size);

/// Rows of both, one after the other.
[[nodiscard]] Tensor stack(const Tensor& a, const Tensor& b);

}  // namespace transfer
}  // namespace graft

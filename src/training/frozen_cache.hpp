// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/plan/plan.hpp"

namespace graft::training {

/// Keeps the results of the layers that training does not change, by sample, so that they are computed once.
/// One memory bound holds for all data sets together. Results are those of computing again, bit by bit:
/// batches of different sizes are kept apart, since plans of different sizes may round differently. Threads:
/// one user at a time.
class FrozenCache {
 public:
  /// most_bytes: of all that is kept.
  explicit FrozenCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// A data set whose samples come again.
  struct DataSet {
    std::size_t samples = 0;
    std::size_t batch_size = 1;
    /// True: the same batches in each epoch, which are kept as far as they fit. False: samples come in any
    /// order; they are kept only where all fit, since a batch needs all of its samples, and only in batches
    /// of full size.
    bool same_batches = false;
    std::size_t samples_of_epoch = 0;  ///< how many of the samples an epoch uses
  };
  /// Returns the data set's number for the functions below.
  int add(const DataSet& set);

  /// Writes the kept results of a batch's samples to the plan, which is one for its shape, lowered with
  /// frozen_first; labels, where not null, receives the batch's labels. False, and nothing done, where a
  /// sample is missing or a weight changed that the results depend on.
  [[nodiscard]] bool put_back(int set, std::span<const std::size_t> samples, const plan::Plan& plan,
                              Tensor* labels = nullptr) const;
  /// Keeps what the plan's forward_frozen() computed of the batch, if there is room. Results of other weights
  /// are forgotten.
  void keep(int set, const data::Batch& batch, const plan::Plan& plan);

  /// Memory of all that is kept.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  /// The results for one data set and batch size.
  struct Cut {
    std::vector<Tensor> values;  // the plan's frozen_values(), then labels where there are any: (slots, ...)
    std::vector<std::size_t> slots;      // by sample; kNone for a sample that is not kept
    std::size_t used = 0, capacity = 0;  // slots
    std::uint64_t version = 0;           // of the weights
  };

  void allocate(Cut& cut, const std::vector<Tensor>& rows, std::size_t wanted, bool all_or_nothing);

  std::size_t most_bytes_, bytes_ = 0;
  std::vector<DataSet> sets_;
  std::map<std::pair<int, std::size_t>, Cut> cuts_;  // by data set and batch size
};

}  // namespace graft::training

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "graft/dataset.hpp"

#include "data/dataset/sample_source.hpp"
#include "data/dataset/workers.hpp"

namespace graft::data {

/// One pass over a Dataset. Samples in memory are copied by all kernel threads on demand; where
/// any has to be decoded, threads make whole batches ahead, at most one more than there are threads, and
/// next() hands them out in order.
class BatchQueue {
 public:
  struct Pass {
    std::shared_ptr<const SampleSource> source;
    std::vector<std::size_t> rows;
    std::vector<std::size_t> order;
    DatasetOptions options;
  };

  explicit BatchQueue(Pass pass);
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  [[nodiscard]] std::optional<Batch> next();

 private:
  struct Made {
    Batch batch;
    std::exception_ptr error;
  };

  /// parallel: by all kernel threads.
  [[nodiscard]] Batch make(std::size_t number, bool parallel, const Tensor& spare = {}) const;
  /// The next batch, in the memory of the last one unless that is still in use.
  [[nodiscard]] Batch make_in_turn();
  void work();
  void stop();

  Pass pass_;
  std::size_t batches_ = 0;
  std::size_t ahead_ = 0;
  std::mutex mutex_;
  std::condition_variable room_;   // for makers: a batch was taken
  std::condition_variable ready_;  // for the taker: a batch was made
  std::map<std::size_t, Made> made_;
  std::size_t next_to_make_ = 0;
  std::size_t next_to_give_ = 0;
  std::atomic<bool> stop_ = false;
  bool threaded_ = false;
  Tensor last_images_;
  Workers workers_;
};

}  // namespace graft::data

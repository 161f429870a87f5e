// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/batch_queue.hpp"

#include <algorithm>

namespace graft::data {

BatchQueue::BatchQueue(Pass pass) : pass_(std::move(pass)) {
  const auto size = static_cast<std::size_t>(pass_.options.batch_size);
  batches_ = (pass_.order.size() + size - 1) / size;
  const bool decodes = std::any_of(pass_.order.begin(), pass_.order.end(),
                                   [&](std::size_t i) { return !pass_.source->is_decoded(pass_.rows[i]); });
  if (!decodes) return;
  const std::size_t threads = std::min(worker_count(pass_.options.threads), batches_);
  ahead_ = threads + 1;
  threaded_ = workers_.start(threads, [this] { work(); }) > 0;
}

BatchQueue::~BatchQueue() { stop(); }

void BatchQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  workers_.join();
}

Batch BatchQueue::make(std::size_t number, bool parallel, const Tensor& spare) const {
  const auto size = static_cast<std::size_t>(pass_.options.batch_size);
  const std::size_t begin = number * size;
  const std::size_t end = std::min(begin + size, pass_.order.size());
  const BatchPlan plan{.source = *pass_.source,
                       .rows = pass_.rows,
                       .label_mode = pass_.options.label_mode,
                       .parallel = parallel,
                       .spare = spare};
  return assemble(plan, std::span(pass_.order).subspan(begin, end - begin), stop_);
}

Batch BatchQueue::make_in_turn() {
  if (last_images_.is_shared()) last_images_ = {};
  Batch batch = make(next_to_give_++, true, last_images_);
  last_images_ = batch.images;
  return batch;
}

void BatchQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    room_.wait(lock, [this] {
      return stop_ || next_to_make_ >= batches_ || next_to_make_ < next_to_give_ + ahead_;
    });
    if (stop_ || next_to_make_ >= batches_) return;
    const std::size_t number = next_to_make_++;
    lock.unlock();
    Made made;
    try {
      made.batch = make(number, false);
    } catch (...) {
      made.error = std::current_exception();
    }
    lock.lock();
    made_[number] = std::move(made);
    ready_.notify_one();
  }
}

std::optional<Batch> BatchQueue::next() {
  if (next_to_give_ >= batches_) return std::nullopt;
  if (!threaded_) return make_in_turn();
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return made_.contains(next_to_give_); });
  auto node = made_.extract(next_to_give_++);
  // After an error the pass is over.
  if (node.mapped().error) next_to_give_ = batches_;
  lock.unlock();
  room_.notify_all();
  if (node.mapped().error) std::rethrow_exception(node.mapped().error);
  return std::move(node.mapped().batch);
}

}  // namespace graft::data

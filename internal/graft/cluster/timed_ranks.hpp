// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "graft/cluster/communicator.hpp"

namespace graft::cluster {

/// Measures how long a rank is in the calls of a communicator: what they carry, and waiting for the others.
class TimedRanks final : public Communicator {
 public:
  explicit TimedRanks(std::unique_ptr<Communicator> ranks) : ranks_(std::move(ranks)) {}

  /// In all calls so far.
  [[nodiscard]] double seconds() const { return seconds_; }

  [[nodiscard]] int rank() const override { return ranks_->rank(); }
  [[nodiscard]] int size() const override { return ranks_->size(); }
  [[nodiscard]] std::string node() const override { return ranks_->node(); }
  void exchange(std::span<const std::span<const std::byte>> to,
                std::span<const std::span<std::byte>> from) override {
    const Timer timer(seconds_);
    ranks_->exchange(to, from);
  }
  [[nodiscard]] std::vector<Bytes> gather(std::span<const std::byte> own) override {
    const Timer timer(seconds_);
    return ranks_->gather(own);
  }
  void broadcast(std::span<std::byte> bytes) override {
    const Timer timer(seconds_);
    ranks_->broadcast(bytes);
  }
  void barrier() override {
    const Timer timer(seconds_);
    ranks_->barrier();
  }
  void abort(const std::string& message) override { ranks_->abort(message); }

 private:
  using Clock = std::chrono::steady_clock;
  class Timer {
   public:
    explicit Timer(double& seconds) : seconds_(seconds) {}
    ~Timer() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    double& seconds_;
    Clock::time_point begin_ = Clock::now();
  };

  std::unique_ptr<Communicator> ranks_;
  double seconds_ = 0;
};

}  // namespace graft::cluster

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "graft/cluster/add_time.hpp"
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
    const AddTime timer(seconds_);
    ranks_->exchange(to, from);
  }
  /// What is pending must end before this object.
  [[nodiscard]] std::unique_ptr<Pending> begin_exchange(std::span<const std::span<const std::byte>> to,
                                                        std::span<const std::span<std::byte>> from,
                                                        Lane lane) override {
    const AddTime timer(seconds_);
    return std::make_unique<TimedPending>(ranks_->begin_exchange(to, from, lane), seconds_);
  }
  [[nodiscard]] std::vector<Bytes> gather(std::span<const std::byte> own) override {
    const AddTime timer(seconds_);
    return ranks_->gather(own);
  }
  void broadcast(std::span<std::byte> bytes) override {
    const AddTime timer(seconds_);
    ranks_->broadcast(bytes);
  }
  void barrier() override {
    const AddTime timer(seconds_);
    ranks_->barrier();
  }
  void abort(const std::string& message) override { ranks_->abort(message); }

 private:
  class TimedPending final : public Pending {
   public:
    TimedPending(std::unique_ptr<Pending> pending, double& seconds)
        : pending_(std::move(pending)), seconds_(seconds) {}
    [[nodiscard]] bool is_done() override {
      const AddTime timer(seconds_);
      return pending_->is_done();
    }
    void wait() override {
      const AddTime timer(seconds_);
      pending_->wait();
    }

   private:
    std::unique_ptr<Pending> pending_;
    double& seconds_;
  };

  std::unique_ptr<Communicator> ranks_;
  double seconds_ = 0;
};

}  // namespace graft::cluster

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace graft::cluster {

/// Adds the time that it lives to a sum, in seconds.
class AddTime {
 public:
  explicit AddTime(double& seconds) : seconds_(seconds) {}
  ~AddTime() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
  AddTime(const AddTime&) = delete;
  AddTime& operator=(const AddTime&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace graft::cluster

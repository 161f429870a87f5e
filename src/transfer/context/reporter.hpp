// SPDX-License-Identifier: Apache-2.0
// Progress of a run: to the caller, and how long each stage took.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/train.hpp"

#include "transfer/context/stopwatch.hpp"

namespace graft {
inline namespace transfer {

/// Reports progress to the caller, keeps the notes, and remembers whether the caller requested a stop.
class Reporter {
 public:
  /// options must outlive it.
  explicit Reporter(const TrainOptions& options) : options_(options) {}
  /// False when training is to stop.
  bool update(const std::string& stage, std::size_t done, std::size_t total, const std::string& unit);
  /// A sentence to keep on the screen.
  void say(const std::string& line);
  /// The same about an epoch that ended.
  void say(const std::string& line, const EpochRow& epoch);
  /// A sentence to keep with the result and on the screen.
  void note(const std::string& line);
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// Starts a stage: time is counted for it until the next call.
  void enter(const std::string& stage);
  /// Seconds by stage, in the order of entering.
  [[nodiscard]] std::vector<std::pair<std::string, double>> seconds();
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Seconds since this reporter was made.
  [[nodiscard]] double passed() const { return clock_.seconds(); }
  /// Seconds until the budget ends, below 0 where it is over; nothing without a budget.
  [[nodiscard]] std::optional<double> seconds_left() const;
  /// The ranks that train together, or null.
  [[nodiscard]] cluster::Communicator* ranks() const { return options_.ranks.get(); }
  /// Remembers that a loss was no longer a number, and where; the first time counts.
  void break_down(const std::string& what);
  [[nodiscard]] const std::string& broke_down() const { return broke_down_; }

 private:
  /// The caller wants no more. Ranks cannot stop one by one.
  void stop();

  const TrainOptions& options_;
  Stopwatch clock_;
  bool stopped_ = false;
  std::string broke_down_;
  std::string stage_;
  std::chrono::steady_clock::time_point since_;
  std::vector<std::pair<std::string, double>> seconds_;
  std::vector<std::string> notes_;
};

}  // namespace transfer
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// The commands that the studio runs beside itself: graft train or inspect, one at a time, and graft serve.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

#include "serve/studio/child.hpp"

namespace graft::serve::studio {

/// Which program runs, and where.
struct JobPlace {
  std::filesystem::path program;
  std::filesystem::path folder;  ///< current folder of the commands
};

/// A command of a job.
struct JobCommand {
  std::string kind;    ///< "train", "inspect" or "export"
  std::string target;  ///< the name of the round, or empty
  std::vector<std::string> arguments;
  /// Called in a thread of the job when the command has ended well, before the job counts as ended, with what
  /// it wrote to standard output (1 MiB at most). What it throws is the job's failure. Empty: nothing is
  /// called.
  std::function<void(const std::string& output)> finish{};
};

/// A command whose progress is shown. Threads: all members may be called from any.
class Job {
 public:
  explicit Job(JobPlace place) : place_(std::move(place)) {}

  /// Errors: Refusal 409 while another runs.
  void start(JobCommand command);
  /// Asks it to stop: a training keeps the best model so far; a second time ends it at once.
  void cancel();
  /// {kind, target, running, cancelled, stage, done, total, unit, left, lines, epochs, seconds, failed}; null
  /// before the first one. left: seconds that this stage still needs, null where that is unknown. lines:
  /// sentences of the command.
  [[nodiscard]] Json state() const;

 private:
  void take(bool is_error, const std::string& line);
  void take_progress(const Json& progress);
  [[nodiscard]] Json seconds_left() const;
  void ended(int code);
  /// Why the command that has ended well is a failure all the same; empty: it is none.
  [[nodiscard]] std::string finish();

  JobPlace place_;
  mutable std::mutex mutex_;
  bool running_ = false;
  bool cancelled_ = false;
  std::string kind_, target_, failed_, stage_, unit_;
  std::string output_;                              ///< where finish_ wants it
  std::function<void(const std::string&)> finish_;  ///< of the command that runs
  std::size_t done_ = 0, total_ = 0;
  std::size_t begun_at_ = 0;  ///< what was done when the stage began
  std::chrono::steady_clock::time_point stage_begun_, told_;
  std::deque<std::string> lines_;
  Json epochs_ = Json::array();
  std::chrono::steady_clock::time_point begun_;
  double seconds_ = 0;
  std::unique_ptr<Child> child_;  ///< last: its thread uses the others
};

/// graft serve of a round for a phone.
class PhoneServer {
 public:
  explicit PhoneServer(JobPlace place) : place_(std::move(place)) {}

  /// Serves a round in the local network; photos corrected there go to the folder `collect`. Empty: they are
  /// not kept.
  void start(const std::string& round, const std::filesystem::path& model,
             const std::filesystem::path& collect);
  void stop();
  /// {round, url, qr, collects, failed}; null: nothing is served. qr: rows of "1" and "0".
  [[nodiscard]] Json state() const;

 private:
  JobPlace place_;
  mutable std::mutex mutex_;
  std::string round_, url_, failed_;
  bool collects_ = false;
  std::unique_ptr<Child> child_;  ///< last: its thread uses the others
};

}  // namespace graft::serve::studio

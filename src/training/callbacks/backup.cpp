// SPDX-License-Identifier: Apache-2.0
#include "graft/training/backup.hpp"

#include <algorithm>
#include <chrono>

#include "graft/base/fail.hpp"

namespace graft {
namespace {

constexpr double kLeastRatio = 20;  // training time / saving time is at least this

class BackupAndRestoreCallback final : public Callback {
 public:
  explicit BackupAndRestoreCallback(BackupAndRestoreOptions options) : options_(std::move(options)) {
    if (options_.save_freq.value_or(1) < 1) {
      fail(ErrorKind::invalid_argument, "BackupAndRestore: save_freq: expected at least 1, received ",
           *options_.save_freq);
    }
  }

  void on_train_begin(TrainingState& state) override {
    last_ = Clock::now();
    batches_ = 0;
    cost_ = 0;
    if (!std::filesystem::exists(options_.file)) return;
    const StateBag bag = read_state(options_.file);
    if (!options_.accept || options_.accept(bag)) state.snapshots.restore(bag);
  }

  void on_safe_point(TrainingState& state) override {
    if (state.batch > 0) ++batches_;
    if (!options_.writes || !due(state)) return;
    const Clock::time_point start = Clock::now();
    StateBag bag = state.snapshots.capture();
    if (options_.decorate) options_.decorate(bag);
    const std::filesystem::path folder = options_.file.parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error) fail(ErrorKind::io, "cannot make the folder ", folder.string(), ": ", error.message());
    write_state(options_.file, bag);
    last_ = Clock::now();
    cost_ = seconds_since(start);
    batches_ = 0;
  }

  void on_train_end(TrainingState& state) override {
    std::error_code ignored;
    if (options_.writes && options_.delete_checkpoint && state.batch == 0)
      std::filesystem::remove(options_.file, ignored);
  }

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] static double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }

  [[nodiscard]] bool due(const TrainingState& state) const {
    if (state.stop_training) return true;
    if (options_.save_freq && batches_ >= *options_.save_freq) return true;
    if (options_.save_seconds) {
      const double wait =
          *options_.save_seconds == 0 ? 0 : std::max(*options_.save_seconds, kLeastRatio * cost_);
      return seconds_since(last_) >= wait;
    }
    return !options_.save_freq && state.batch == 0;
  }

  BackupAndRestoreOptions options_;
  Clock::time_point last_;
  double cost_ = 0;
  std::int64_t batches_ = 0;
};

}  // namespace

CallbackPtr BackupAndRestore(BackupAndRestoreOptions options) {
  return std::make_shared<BackupAndRestoreCallback>(std::move(options));
}

}  // namespace graft

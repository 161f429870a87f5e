// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/jobs.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/serve/qr_code.hpp"

#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

constexpr std::size_t kMostLines = 40;
constexpr std::size_t kMostOutput = std::size_t{1} << 20;

}  // namespace

void Job::start(JobCommand command) {
  std::unique_ptr<Child> before;  // its thread may wait for the lock: it ends outside of it
  {
    const std::lock_guard lock(mutex_);
    if (running_)
      throw Refusal(409, kind_ == "train"    ? "a training is running already"
                         : kind_ == "export" ? "a model is being exported"
                                             : "the photos are being inspected");
    running_ = true;
    cancelled_ = false;
    kind_ = command.kind;
    target_ = command.target;
    finish_ = std::move(command.finish);
    failed_ = stage_ = unit_ = output_ = {};
    done_ = total_ = begun_at_ = 0;
    lines_.clear();
    epochs_ = Json::array();
    begun_ = std::chrono::steady_clock::now();
    before = std::move(child_);
  }
  before.reset();
  auto child = std::make_unique<Child>(
      ChildOptions{.program = place_.program,
                   .arguments = std::move(command.arguments),
                   .folder = place_.folder,
                   .line = [this](bool is_error, const std::string& line) { take(is_error, line); },
                   .ended = [this](int code) { ended(code); }});
  const std::lock_guard lock(mutex_);
  child_ = std::move(child);
}

void Job::cancel() {
  const std::lock_guard lock(mutex_);
  if (!running_ || !child_) return;
  child_->signal(cancelled_ ? SIGKILL : SIGINT);
  cancelled_ = true;
}

void Job::take(bool is_error, const std::string& line) {
  if (!is_error) {
    const std::lock_guard lock(mutex_);
    if (finish_ && output_.size() + line.size() < kMostOutput) output_ += line + "\n";
    return;
  }
  if (line.empty()) return;
  const Json json = line.starts_with('{') ? Json::parse(line, nullptr, false) : Json();
  const std::lock_guard lock(mutex_);
  if (!json.is_object()) {
    // The last plain line is the reason where it fails.
    failed_ = line.starts_with("graft: ") ? line.substr(7) : failed_;
    lines_.push_back(line);
  } else if (json.contains("line")) {
    lines_.push_back(json.value("line", ""));
    if (json.contains("epoch")) epochs_.push_back(json["epoch"]);
  } else {
    take_progress(json);
  }
  while (lines_.size() > kMostLines) lines_.pop_front();
}

/// With the lock.
void Job::take_progress(const Json& progress) {
  const std::string stage = progress.value("stage", "");
  const std::size_t before = done_;
  done_ = progress.value("done", std::size_t{0});
  total_ = progress.value("total", std::size_t{0});
  unit_ = progress.value("unit", "");
  told_ = std::chrono::steady_clock::now();
  if (stage == stage_ && done_ >= before) return;  // else it has begun, perhaps once more
  stage_ = stage;
  stage_begun_ = told_;
  begun_at_ = done_ > 1 ? done_ : 0;
}

/// As fast as so far. With the lock.
Json Job::seconds_left() const {
  const double seconds = std::chrono::duration<double>(told_ - stage_begun_).count();
  if (!running_ || done_ <= begun_at_ || done_ > total_ || seconds < 1) return {};
  const double rest = seconds / static_cast<double>(done_ - begun_at_) * static_cast<double>(total_ - done_);
  const double since = std::chrono::duration<double>(std::chrono::steady_clock::now() - told_).count();
  return std::max(0.0, rest - since);
}

std::string Job::finish() {
  std::function<void(const std::string&)> work;
  std::string output;
  {
    const std::lock_guard lock(mutex_);
    work.swap(finish_);
    output.swap(output_);
  }
  try {
    if (work) work(output);
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

void Job::ended(int code) {
  // 1: done, but some photos could not be read.
  const bool ended_well = code == 0 || code == 1;
  std::string trouble = ended_well ? finish() : std::string();
  const std::lock_guard lock(mutex_);
  running_ = false;
  finish_ = nullptr;
  seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  if (ended_well) {
    failed_ = std::move(trouble);
  } else if (cancelled_) {
    failed_ = "stopped";
  } else if (failed_.empty()) {
    failed_ =
        code < 0 ? "the command was ended from outside" : cat("the command ended with exit code ", code);
  }
}

Json Job::state() const {
  const std::lock_guard lock(mutex_);
  if (kind_.empty()) return {};
  const double seconds =
      running_ ? std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count() : seconds_;
  return {{"kind", kind_},
          {"target", target_},
          {"running", running_},
          {"cancelled", cancelled_},
          {"stage", stage_},
          {"done", done_},
          {"total", total_},
          {"unit", unit_},
          {"left", seconds_left()},
          {"lines", lines_},
          {"epochs", epochs_},
          {"seconds", seconds},
          {"failed", running_ ? "" : failed_}};
}

void PhoneServer::start(const std::string& round, const std::filesystem::path& model,
                        const std::filesystem::path& collect) {
  stop();
  std::vector<std::string> arguments{"serve", cat(round, "=", model.string()), "--lan", "--port", "0",
                                     "--json"};
  if (!collect.empty()) arguments.insert(arguments.end(), {"--collect", collect.string()});
  auto child = std::make_unique<Child>(
      ChildOptions{.program = place_.program,
                   .arguments = std::move(arguments),
                   .folder = place_.folder,
                   .line =
                       [this](bool is_error, const std::string& line) {
                         const Json json = is_error ? Json() : Json::parse(line, nullptr, false);
                         const std::lock_guard lock(mutex_);
                         if (json.is_object() && json.contains("url"))
                           url_ = json.value("url", "") + "?token=" + json.value("token", "");
                         if (is_error && line.starts_with("graft: ")) failed_ = line.substr(7);
                       },
                   .ended =
                       [this](int) {
                         const std::lock_guard lock(mutex_);
                         url_.clear();
                         if (failed_.empty()) failed_ = "graft serve has ended";
                       }});
  const std::lock_guard lock(mutex_);
  child_ = std::move(child);
  round_ = round;
  collects_ = !collect.empty();
}

void PhoneServer::stop() {
  std::unique_ptr<Child> before;
  {
    const std::lock_guard lock(mutex_);
    before = std::move(child_);
  }
  before.reset();
  const std::lock_guard lock(mutex_);
  url_ = failed_ = round_ = {};
}

Json PhoneServer::state() const {
  const std::lock_guard lock(mutex_);
  if (!child_) return {};
  Json state{{"round", round_}, {"url", url_}, {"collects", collects_}, {"failed", failed_}};
  if (!url_.empty()) state["qr"] = qr_modules(url_);
  return state;
}

}  // namespace graft::serve::studio

// SPDX-License-Identifier: Apache-2.0
#include "serve/model_service.hpp"

#include <algorithm>
#include <new>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/hash.hpp"

#include "serve/http.hpp"

namespace graft::serve {
namespace {

using Clock = std::chrono::steady_clock;

/// A computation that takes longer hangs.
constexpr auto kLongestBatch = std::chrono::seconds(60);

std::filesystem::path model_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? path / "model.keras" : path;
}

}  // namespace

ModelService::ModelService(ServedModel model, const ServeOptions& options, Metrics& metrics)
    : model_(std::move(model)),
      limits_(options.limits),
      execution_(options.execution),
      log_(options.log),
      metrics_(metrics),
      loaded_(load()),
      seen_(file_stamp(model_file(model_.file))),
      tried_(seen_) {
  thread_ = std::thread([this] { work(); });
}

ModelService::~ModelService() { stop(); }

std::shared_ptr<const LoadedModel> ModelService::load() const {
  const std::string stamp = file_stamp(model_file(model_.file));
  Classifier classifier = Classifier::open(model_.file, execution_);
  classifier.warm_up();
  return std::make_shared<LoadedModel>(LoadedModel{
      .classifier = std::move(classifier), .version = to_hex(Hasher().add(stamp).digest()).substr(0, 12)});
}

std::shared_ptr<const LoadedModel> ModelService::loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

bool ModelService::submit(PredictJob job) { return add({.predict = std::move(job), .since = Clock::now()}); }
bool ModelService::submit(OtherJob job) { return add({.other = std::move(job), .since = Clock::now()}); }

bool ModelService::add(Waiting job) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || queued_ + job.photos() > limits_.queue) return false;
    queued_ += job.photos();
    queue_.push_back(std::move(job));
  }
  wake_.notify_all();
  return true;
}

std::size_t ModelService::queued() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

std::string ModelService::trouble() const {
  const std::lock_guard lock(mutex_);
  if (computing_since_ && Clock::now() - *computing_since_ > kLongestBatch)
    return "a computation does not end";
  return trouble_;
}

/// Jobs whose photos are computed together: the first one's kind, until the batch is full or the first one
/// has waited long enough.
std::vector<ModelService::Waiting> ModelService::next_batch() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  if (queue_.empty()) return {};
  if (queue_.front().predict && !ending_) {
    wake_.wait_until(lock, queue_.front().since + limits_.delay,
                     [this] { return ending_ || queued_ >= limits_.batch || queue_.back().other; });
  }
  std::vector<Waiting> batch;
  std::size_t photos = 0;
  while (!queue_.empty()) {
    const Waiting& next = queue_.front();
    const bool joins =
        batch.empty() || (next.predict && batch.front().predict && photos + next.photos() <= limits_.batch);
    if (!joins) break;
    photos += next.photos();
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_ -= photos;
  computing_since_ = Clock::now();
  return batch;
}

void ModelService::work() {
  const ExecutionScope scope(execution_);
  for (;;) {
    std::vector<Waiting> batch = next_batch();
    if (batch.empty()) return;
    compute(std::move(batch));
    const std::lock_guard lock(mutex_);
    computing_since_.reset();
  }
}

void ModelService::compute(std::vector<Waiting> batch) {
  const std::shared_ptr<const LoadedModel> now = loaded();
  const Clock::time_point start = Clock::now();
  std::vector<PredictJob> jobs, rejecting;
  for (Waiting& one : batch) {
    const auto& failed = one.predict ? one.predict->failed : one.other->failed;
    if (start > (one.predict ? one.predict->until : one.other->until)) {
      failed(503, "the request waited too long");
    } else if (one.predict) {
      (one.predict->reject ? rejecting : jobs).push_back(std::move(*one.predict));
    } else {
      try {
        one.other->run(*now);
        note_result({});
      } catch (const std::exception& error) {
        const Failure failure = failure_of(error);
        // A full disk of --collect, for example, says nothing of predictions.
        if (dynamic_cast<const Error*>(&error) == nullptr) note_result(error.what());
        failed(failure.status, failure.text);
      }
    }
  }
  if (!jobs.empty()) predict(*now, jobs, false);
  if (!rejecting.empty()) predict(*now, rejecting, true);
}

void ModelService::predict(const LoadedModel& loaded, const std::vector<PredictJob>& jobs, bool reject) {
  const Clock::time_point start = Clock::now();
  std::vector<PhotoBytes> photos;
  for (const PredictJob& job : jobs) photos.insert(photos.end(), job.photos.begin(), job.photos.end());
  // All classes: how many a request wants differs.
  ClassifyOptions options{.top = static_cast<int>(loaded.classifier.class_names().size())};
  options.max_pixels = limits_.pixels;
  options.reject = reject;
  try {
    std::vector<PhotoPrediction> answers =
        loaded.classifier.predict_all(std::span<const PhotoBytes>(photos), options);
    metrics_.computed(model_.name, photos.size(),
                      std::chrono::duration<double>(Clock::now() - start).count());
    note_result({});
    auto next = answers.begin();
    for (const PredictJob& job : jobs) {
      const auto end = next + static_cast<std::ptrdiff_t>(job.photos.size());
      job.done(std::vector<PhotoPrediction>(std::make_move_iterator(next), std::make_move_iterator(end)),
               loaded);
      next = end;
    }
  } catch (const Error& error) {
    // A new model file may have no threshold to reject by, and several labels or numbers never have.
    const bool asked_too_much =
        error.kind() == ErrorKind::invalid_argument || error.kind() == ErrorKind::unsupported;
    if (!asked_too_much) note_result(error.what());
    for (const PredictJob& job : jobs)
      job.failed(asked_too_much ? 400 : 500, asked_too_much ? error.what() : "the server could not answer");
  } catch (const std::exception& error) {
    // Photos that cannot be read are answers; what arrives here is the model's or the computer's trouble.
    note_result(error.what());
    for (const PredictJob& job : jobs) job.failed(500, "the server could not answer");
  }
}

void ModelService::note_result(const std::string& trouble) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = trouble_ != trouble;
    trouble_ = trouble;
  }
  if (changed && log_) log_(cat(model_.name, ": ", trouble.empty() ? "predictions succeed again" : trouble));
}

void ModelService::try_again() {
  if (trouble().empty()) return;
  static_cast<void>(submit(OtherJob{.until = Clock::now() + limits_.request,
                                    .run = [](const LoadedModel& loaded) { loaded.classifier.warm_up(); },
                                    .failed = [](unsigned, const std::string&) {}}));
}

void ModelService::look_at_file() {
  const std::string stamp = file_stamp(model_file(model_.file));
  const bool still = stamp == seen_;
  seen_ = stamp;
  // A file that is being written changes from look to look.
  if (stamp.empty() || !still || stamp == tried_) return;
  tried_ = stamp;
  try {
    std::shared_ptr<const LoadedModel> fresh = load();
    {
      const std::lock_guard lock(mutex_);
      loaded_ = std::move(fresh);
    }
    metrics_.reloaded(model_.name);
    if (log_) log_(cat(model_.name, ": the model file has changed, the new one is used"));
  } catch (const std::exception& error) {
    if (log_)
      log_(cat(model_.name,
               ": the model file has changed and cannot be used, the old one stays: ", error.what()));
  }
}

void ModelService::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace graft::serve

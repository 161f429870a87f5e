// SPDX-License-Identifier: Apache-2.0
#include "serve/model_service.hpp"

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/parallel.hpp"
#include "graft/classify/one_photo.hpp"
#include "graft/hash.hpp"

#include "serve/http.hpp"

namespace graft::serve {
namespace {

using Clock = std::chrono::steady_clock;

/// A computation that takes longer hangs.
constexpr auto kLongestTask = std::chrono::seconds(60);
/// Each has plans of its own, with the model's weights in the kernels' form. With more cores than this, each
/// computes with several threads.
constexpr int kMostWorkers = 8;

std::filesystem::path model_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? path / "model.keras" : path;
}

/// Which models can say that they do not know is for the classifier to say.
bool rejects(Reject wanted, const Classifier& classifier) {
  if (wanted != Reject::where_possible) return wanted == Reject::always;
  try {
    classify::check_options(classifier, {.reject = true});
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// The answer for one photo, as `graft predict` has it bit by bit: one row, whatever else is computed
/// meanwhile.
PhotoPrediction answer_for(PhotoBytes photo, const WorkPlace& place, const ClassifyOptions& options) {
  PhotoPrediction answer;
  classify::OnePhoto read;
  try {
    read = classify::read_one(place.classifier, photo, options);
  } catch (const Error& error) {
    answer.error = error.what();
  } catch (const std::bad_alloc&) {
    answer.error = "the photo: not enough memory to decode it";
  }
  answer.unreadable = !answer.error.empty();
  if (answer.unreadable) return answer;
  answer.note = std::move(read.note);
  // Decided now: others may have come while the photo was decoded.
  const ThreadLimit limit(place.threads());
  const BatchAnswers found = classify::answers_with_views(place.classifier, read.batch, options);
  std::optional<double> distance;
  if (!found.distances.empty()) distance = found.distances.front();
  classify::complete_answer(answer, place.classifier, found.probabilities.data(), distance, options);
  return answer;
}

}  // namespace

LoadedModel::LoadedModel(Classifier opened, std::size_t threads, std::string version_of_file)
    : classifier(std::move(opened)), version(std::move(version_of_file)) {
  for (std::size_t i = 0; i < threads; ++i) {
    of_thread.push_back(classifier.with_own_plans());
    of_thread.back().warm_up();
  }
}

/// A job, and how far it is. What is below `since` is guarded by the service's mutex.
struct ModelService::Waiting {
  std::optional<PredictJob> predict{};
  std::optional<OtherJob> other{};
  std::vector<PhotoPrediction> answers{};  ///< each written by the thread that has its photo
  Time since = Clock::now();
  std::shared_ptr<const LoadedModel> loaded{};  ///< from its first photo on
  std::size_t begun = 0, done = 0;              ///< photos
  std::optional<Failure> failure{};             ///< the first

  [[nodiscard]] std::size_t photos() const { return predict ? predict->photos.size() : 1; }
  [[nodiscard]] Time until() const { return predict ? predict->until : other->until; }
  void fail_with(const Failure& why) const {
    (predict ? predict->failed : other->failed)(why.status, why.text);
  }
};

ModelService::ModelService(ServedModel model, const ServeOptions& options, Metrics& metrics)
    : model_(std::move(model)),
      limits_(options.limits),
      execution_(resolved(options.execution)),
      workers_(static_cast<std::size_t>(std::min(execution_.threads, kMostWorkers))),
      log_(options.log),
      metrics_(metrics),
      loaded_(load()),
      begun_(workers_),
      seen_(file_stamp(model_file(model_.file))),
      tried_(seen_) {
  try {
    for (std::size_t i = 0; i < workers_; ++i) threads_.emplace_back([this, i] { work(i); });
  } catch (const std::system_error&) {
    if (threads_.empty()) throw;  // else the system allows no more: fewer do the work
  }
}

ModelService::~ModelService() { stop(); }

std::shared_ptr<const LoadedModel> ModelService::load() const {
  const std::string stamp = file_stamp(model_file(model_.file));
  Classifier classifier = Classifier::open(model_.file, execution_);
  return std::make_shared<LoadedModel>(std::move(classifier), workers_,
                                       to_hex(Hasher().add(stamp).digest()).substr(0, 12));
}

std::shared_ptr<const LoadedModel> ModelService::loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

bool ModelService::submit(PredictJob job) {
  auto waiting = std::make_shared<Waiting>();
  waiting->answers.resize(job.photos.size());
  waiting->predict = std::move(job);
  return add(std::move(waiting));
}

bool ModelService::submit(OtherJob job) {
  auto waiting = std::make_shared<Waiting>();
  waiting->other = std::move(job);
  return add(std::move(waiting));
}

bool ModelService::add(std::shared_ptr<Waiting> job) {
  const bool for_several = job->photos() > 1 || limits_.delay.count() > 0;
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || queued_ + job->photos() > limits_.queue) return false;
    queued_ += job->photos();
    queue_.push_back(std::move(job));
  }
  for_several ? wake_.notify_all() : wake_.notify_one();
  return true;
}

std::size_t ModelService::queued() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

std::string ModelService::trouble() const {
  const std::lock_guard lock(mutex_);
  const Time late = Clock::now() - kLongestTask;
  if (std::ranges::any_of(begun_, [&](const std::optional<Time>& begun) { return begun && *begun < late; }))
    return "a computation does not end";
  return trouble_;
}

/// The next photo that waits, once it has waited for others long enough or there is one for each thread.
ModelService::Task ModelService::next_task(std::size_t thread) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return {};
    const Waiting& first = *queue_.front();
    const Time due = first.since + limits_.delay;
    // Those that were enough to begin do not wait again when some of them are taken.
    if (queued_ >= workers_) together_ = std::max(together_, workers_);
    if (ending_ || first.other || together_ > 0 || Clock::now() >= due) break;
    wake_.wait_until(lock, due);
  }
  Task task{.job = queue_.front(), .photo = queue_.front()->begun++};
  if (!task.job->loaded) task.job->loaded = loaded_;
  if (task.job->begun == task.job->photos()) queue_.pop_front();
  --queued_;
  if (together_ > 0) --together_;
  ++busy_;
  begun_[thread] = Clock::now();
  return task;
}

/// All threads where one thread of the service is busy, fewer where several are.
int ModelService::share_of_threads() const {
  const std::lock_guard lock(mutex_);
  return std::max(1, execution_.threads / std::max(1, static_cast<int>(busy_)));
}

void ModelService::work(std::size_t thread) {
  const ExecutionScope scope(execution_);
  for (;;) {
    const Task task = next_task(thread);
    if (!task.job) return;
    const LoadedModel& loaded = *task.job->loaded;
    run(task, {.loaded = loaded, .classifier = loaded.of_thread[thread], .threads = [this] {
                 return share_of_threads();
               }});
    const std::lock_guard lock(mutex_);
    --busy_;
    begun_[thread].reset();
  }
}

void ModelService::run(const Task& task, const WorkPlace& place) {
  Waiting& job = *task.job;
  bool has_failed = false;
  {
    const std::lock_guard lock(mutex_);
    has_failed = job.failure.has_value();
  }
  std::optional<Failure> failure;
  if (Clock::now() > job.until()) {
    failure = Failure{.status = 503, .text = "the request waited too long"};
  } else if (!has_failed) {
    failure = job.predict ? predict(*job.predict, task.photo, job.answers[task.photo], place)
                          : run_other(*job.other, place);
  }
  {
    const std::lock_guard lock(mutex_);
    if (!job.failure) job.failure = failure;
    if (++job.done < job.photos()) return;
  }
  if (job.failure) return job.fail_with(*job.failure);
  if (!job.predict) return;
  try {
    job.predict->done(std::move(job.answers), place.loaded);
  } catch (const std::exception&) {
    job.fail_with({});
  }
}

std::optional<Failure> ModelService::run_other(const OtherJob& job, const WorkPlace& place) {
  try {
    job.run(place);
    note_result({});
    return std::nullopt;
  } catch (const std::exception& error) {
    // A full disk of --collect, for example, says nothing of predictions.
    if (dynamic_cast<const Error*>(&error) == nullptr) note_result(error.what());
    return failure_of(error);
  }
}

std::optional<Failure> ModelService::predict(const PredictJob& job, std::size_t photo,
                                             PhotoPrediction& answer, const WorkPlace& place) {
  const Time start = Clock::now();
  ClassifyOptions options{.top = job.top};
  options.max_pixels = limits_.pixels;
  options.reject = rejects(job.reject, place.classifier);
  try {
    classify::check_options(place.classifier, options);
    answer = answer_for(job.photos[photo], place, options);
    metrics_.computed(model_.name, std::chrono::duration<double>(Clock::now() - start).count());
    note_result({});
    return std::nullopt;
  } catch (const Error& error) {
    // A new model file may have no threshold to reject by, or no features of training photos.
    if (error.kind() == ErrorKind::invalid_argument || error.kind() == ErrorKind::unsupported)
      return Failure{.status = 400, .text = error.what()};
    note_result(error.what());
  } catch (const std::exception& error) {
    // Photos that cannot be read are answers; what arrives here is the model's or the computer's trouble.
    note_result(error.what());
  }
  return Failure{};
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
                                    .run = [](const WorkPlace& place) { place.classifier.warm_up(); },
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
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace graft::serve

// SPDX-License-Identifier: Apache-2.0
// One model behind a bounded queue: as many threads as cores, each takes the next photo that waits, decodes
// it and computes it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/serve/server.hpp"

#include "serve/http.hpp"
#include "serve/metrics.hpp"

namespace graft::serve {

class ModelExtras;

/// A model file as it was loaded. Threads: each of the service's uses its own classifier.
struct LoadedModel {
  /// Makes and warms up a classifier for each of the service's threads.
  LoadedModel(Classifier opened, std::size_t threads, std::string version_of_file);

  Classifier classifier;  ///< to ask for names and sizes
  std::string version;    ///< of the file: changes with its content
  std::vector<Classifier> of_thread;
  mutable std::mutex extras_mutex;              ///< held while extras is made or used
  mutable std::shared_ptr<ModelExtras> extras;  ///< made at the first use
};

/// What a thread of the service works with.
struct WorkPlace {
  const LoadedModel& loaded;
  const Classifier& classifier;  ///< this thread's
  std::function<int()> threads;  ///< that it may compute with now, see ThreadLimit: its share
};

/// Whether an answer may be "unknown": ClassifyOptions::reject.
enum class Reject {
  never,
  always,         ///< an error of models that cannot
  where_possible  ///< of models that know when they are not certain
};

/// Photos of one request, to be classified.
struct PredictJob {
  std::vector<PhotoBytes> photos;               ///< at least one, of bytes that `done` keeps
  std::chrono::steady_clock::time_point until;  ///< when nobody waits any more
  int top = 5;                                  ///< as ClassifyOptions::top, at least 1
  Reject reject = Reject::never;
  /// The answers, in the photos' order; or an error of the server. From one of the service's threads.
  std::function<void(std::vector<PhotoPrediction>, const LoadedModel&)> done;
  std::function<void(unsigned status, const std::string& error)> failed;
};

/// Other work with the model, done by one thread in turn with photos.
struct OtherJob {
  std::chrono::steady_clock::time_point until;
  std::function<void(const WorkPlace&)> run;  ///< may throw
  std::function<void(unsigned status, const std::string& error)> failed;
};

/// Threads: all members may be called from any.
class ModelService {
 public:
  /// Loads the model and computes once, so that the first request does not wait for the plan. Errors: as
  /// Classifier::open.
  ModelService(ServedModel model, const ServeOptions& options, Metrics& metrics);
  /// As stop().
  ~ModelService();
  ModelService(const ModelService&) = delete;
  ModelService& operator=(const ModelService&) = delete;

  [[nodiscard]] const std::string& name() const { return model_.name; }
  [[nodiscard]] std::shared_ptr<const LoadedModel> loaded() const;
  /// False: the queue is full, or the service ends. Then no function of the job is called.
  [[nodiscard]] bool submit(PredictJob job);
  [[nodiscard]] bool submit(OtherJob job);
  /// Photos that wait.
  [[nodiscard]] std::size_t queued() const;
  /// Why predictions do not succeed; empty: they do.
  [[nodiscard]] std::string trouble() const;
  /// Computes once more where predictions do not succeed, so that they are found to again. As look_at_file().
  void try_again();
  /// Loads the file again if it has changed. Called now and then from one thread.
  void look_at_file();
  /// Computes what was accepted, and ends.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting;
  /// What one thread does next: a photo of a request, or other work.
  struct Task {
    std::shared_ptr<Waiting> job;
    std::size_t photo = 0;
  };

  [[nodiscard]] std::shared_ptr<const LoadedModel> load() const;
  bool add(std::shared_ptr<Waiting> job);
  void work(std::size_t thread);
  /// Empty: the service ends.
  [[nodiscard]] Task next_task(std::size_t thread);
  void run(const Task& task, const WorkPlace& place);
  /// Why there is no answer; none: there is one.
  [[nodiscard]] std::optional<Failure> predict(const PredictJob& job, std::size_t photo,
                                               PhotoPrediction& answer, const WorkPlace& place);
  [[nodiscard]] std::optional<Failure> run_other(const OtherJob& job, const WorkPlace& place);
  [[nodiscard]] int share_of_threads() const;
  void note_result(const std::string& trouble);

  ServedModel model_;
  Limits limits_;
  Execution execution_;
  std::size_t workers_;  ///< number of threads_
  std::function<void(const std::string&)> log_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const LoadedModel> loaded_;
  std::deque<std::shared_ptr<Waiting>> queue_;
  std::size_t queued_ = 0;    ///< photos that no thread has begun
  std::size_t busy_ = 0;      ///< threads that have a task
  std::size_t together_ = 0;  ///< of the photos that wait: those that were enough for all threads
  bool ending_ = false;
  std::string trouble_;
  std::vector<std::optional<Time>> begun_;  ///< by thread: when its task began
  std::string seen_, tried_;  ///< stamps of the file: at the last look, and of the last one that was loaded
  std::vector<std::thread> threads_;
};

}  // namespace graft::serve

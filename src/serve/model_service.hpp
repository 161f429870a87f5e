// SPDX-License-Identifier: Apache-2.0
// One model behind a bounded queue: photos that come at about the same time are computed together.
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

#include "serve/metrics.hpp"

namespace graft::serve {

class ModelExtras;

/// A model file as it was loaded.
struct LoadedModel {
  Classifier classifier;
  std::string version;  ///< of the file: changes with its content
  mutable std::shared_ptr<ModelExtras>
      extras{};  ///< made at the first use; only the service's thread uses it
};

/// Photos of one request, to be classified.
struct PredictJob {
  std::vector<PhotoBytes> photos;               ///< of bytes that `done` keeps
  std::chrono::steady_clock::time_point until;  ///< when nobody waits any more
  bool reject = false;                          ///< answers may be unknown: ClassifyOptions::reject
  /// The answers, in the photos' order; or an error of the server. From the service's thread.
  std::function<void(std::vector<PhotoPrediction>, const LoadedModel&)> done;
  std::function<void(unsigned status, const std::string& error)> failed;
};

/// Other work with the model, done between batches.
struct OtherJob {
  std::chrono::steady_clock::time_point until;
  std::function<void(const LoadedModel&)> run;  ///< may throw
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
  struct Waiting {
    std::optional<PredictJob> predict;
    std::optional<OtherJob> other;
    std::chrono::steady_clock::time_point since;
    [[nodiscard]] std::size_t photos() const { return predict ? predict->photos.size() : 1; }
  };

  [[nodiscard]] std::shared_ptr<const LoadedModel> load() const;
  bool add(Waiting job);
  void work();
  [[nodiscard]] std::vector<Waiting> next_batch();
  void compute(std::vector<Waiting> batch);
  void predict(const LoadedModel& loaded, const std::vector<PredictJob>& jobs, bool reject);
  void note_result(const std::string& trouble);

  ServedModel model_;
  Limits limits_;
  Execution execution_;
  std::function<void(const std::string&)> log_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const LoadedModel> loaded_;
  std::deque<Waiting> queue_;
  std::size_t queued_ = 0;  ///< photos in queue_
  bool ending_ = false;
  std::string trouble_;
  std::optional<std::chrono::steady_clock::time_point> computing_since_;
  std::string seen_, tried_;  ///< stamps of the file: at the last look, and of the last one that was loaded
  std::thread thread_;
};

}  // namespace graft::serve

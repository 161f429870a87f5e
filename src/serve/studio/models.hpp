// SPDX-License-Identifier: Apache-2.0
// Models of rounds that the page tries, behind the same queue and routes as graft serve.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graft/serve/studio.hpp"

#include "serve/api.hpp"

namespace graft::serve::studio {

/// A served round.
class RoundModel {
 public:
  /// Errors: as Classifier::open.
  RoundModel(const std::string& round, const std::filesystem::path& file, const StudioOptions& options);
  [[nodiscard]] Api& api() { return *api_; }
  [[nodiscard]] const std::string& round() const { return options_.models.front().name; }

 private:
  ServeOptions options_;
  Metrics metrics_;
  Access access_{"", {}};
  std::vector<std::unique_ptr<ModelService>> services_;
  std::unique_ptr<Api> api_;
};

/// At most two models at a time. A model ends in a thread that calls answer(), never in its own.
class RoundModels {
 public:
  explicit RoundModels(const StudioOptions& options) : options_(options) {}

  /// Calls a route of graft serve for the model of a round. Errors: as Classifier::open.
  void answer(const std::string& round, const std::filesystem::path& file,
              void (*route)(Api& api, Request& request, const std::string& name, const Reply& reply),
              Request& request, const Reply& reply);

 private:
  [[nodiscard]] std::shared_ptr<RoundModel> get(const std::string& round, const std::filesystem::path& file);

  const StudioOptions& options_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<RoundModel>> models_;  ///< the latest last
};

}  // namespace graft::serve::studio

// SPDX-License-Identifier: Apache-2.0
// The routes of the server: what each request is answered with.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "serve/access.hpp"
#include "serve/http.hpp"
#include "serve/metrics.hpp"
#include "serve/model_service.hpp"

namespace graft::serve {

/// What the routes work with.
struct Api {
  Api(const ServeOptions& serving, std::vector<std::unique_ptr<ModelService>>& models, Metrics& counted,
      const Access& allowed, std::function<Metrics::Now()> state)
      : options(serving), services(models), metrics(counted), access(allowed), now(std::move(state)) {}

  const ServeOptions& options;
  std::vector<std::unique_ptr<ModelService>>& services;
  Metrics& metrics;
  const Access& access;
  std::function<Metrics::Now()> now;
  std::atomic<bool> ending{false};
  std::once_flag described;
  Response description{};  ///< of /openapi.json, once it was asked for

  /// The model of a request; null: there is none of that name. An empty name is the first one.
  [[nodiscard]] ModelService* find(const std::string& name) const;
  /// When work that begins now is no longer waited for.
  [[nodiscard]] std::chrono::steady_clock::time_point until() const;
};

/// What a model says of a photo: its class, any number of labels, or numbers.
inline constexpr std::string_view kOneClass = "class", kSeveralLabels = "labels", kNumbers = "numbers";
[[nodiscard]] std::string_view kind_of(const Classifier& classifier);

/// What a request's body may be.
enum class Body { none, photo, tensors };

/// One way to ask something.
struct Route {
  const char* method;
  /// As in the OpenAPI description: "{name}" and "{version}" stand for one part of the path each.
  const char* path;
  Body body;
  /// May take the request's content, and answers it then or later.
  void (*answer)(Api& api, Request& request, const std::string& name, const Reply& reply);
};
[[nodiscard]] const std::vector<Route>& routes();

/// A request before its body: a refusal, or none.
[[nodiscard]] std::optional<Response> check(const Api& api, const RequestHead& head);
/// Answers a whole request, and counts it.
void answer(Api& api, Request request, Reply reply);

/// Answers of single routes: GET /, /v1/models, /healthz, /readyz, /metrics, /openapi.json.
void answer_page(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_models(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_health(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_ready(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_metrics(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_openapi(Api& api, Request& request, const std::string& name, const Reply& reply);
/// POST /v1/predict, /v1/features, /v1/explain, /v1/collect.
void answer_predict(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_features(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_explain(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_collect(Api& api, Request& request, const std::string& name, const Reply& reply);
/// Throws Error{invalid_argument} where models answer in different ways: photos that are corrected are kept
/// as one way needs them.
void expect_one_kind(const std::vector<std::unique_ptr<ModelService>>& services);
/// KServe's Open Inference Protocol, version 2, over HTTP.
void answer_v2_server(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_v2_live(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_v2_ready(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_v2_model(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_v2_model_ready(Api& api, Request& request, const std::string& name, const Reply& reply);
void answer_v2_infer(Api& api, Request& request, const std::string& name, const Reply& reply);

/// A value as the body of a response.
[[nodiscard]] Response json_response(const Json& value, unsigned status = 200);
/// 503 with Retry-After.
[[nodiscard]] Response busy_response(const std::string& why);
/// Gives a model work whose failure, or a full queue, is answered as an error.
template <typename Job>
void submit(const Api& api, ModelService& service, Job job, const Reply& reply) {
  job.until = api.until();
  job.failed = [reply](unsigned status, const std::string& error) {
    reply(status == 503 ? busy_response(error) : error_response(status, error));
  };
  if (!service.submit(std::move(job))) reply(busy_response("too many photos wait; try again later"));
}

}  // namespace graft::serve

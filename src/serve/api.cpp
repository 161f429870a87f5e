// SPDX-License-Identifier: Apache-2.0
#include "serve/api.hpp"

#include <algorithm>
#include <chrono>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/version.hpp"

#include "serve/openapi.hpp"

namespace graft::serve {
namespace {

/// Whether a path has a route's form; name: what stands for "{name}".
bool matches(std::string_view form, std::string_view path, std::string& name) {
  constexpr std::string_view kName = "{name}";
  const std::size_t at = form.find(kName);
  if (at == std::string_view::npos) return form == path;
  const std::string_view before = form.substr(0, at), after = form.substr(at + kName.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return false;
  name = path.substr(before.size(), path.size() - before.size() - after.size());
  return name.find('/') == std::string::npos;
}

struct Found {
  const Route* route = nullptr;
  std::string name{};
  std::string allowed{};  ///< methods of this path
};

Found find_route(const RequestHead& head) {
  Found found;
  for (const Route& route : routes()) {
    std::string name;
    if (!matches(route.path, head.path, name)) continue;
    found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
    const bool same =
        head.method == route.method || (head.method == "HEAD" && route.method == std::string_view("GET"));
    if (same && found.route == nullptr) {
      found.route = &route;
      found.name = name;
    }
  }
  return found;
}

}  // namespace

Response error_response(unsigned status, std::string_view text) {
  return json_response({{"error", printable(text)}}, status);
}

Failure failure_of(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  if (known == nullptr || known->kind() == ErrorKind::internal || known->kind() == ErrorKind::io) return {};
  return {.status = 400, .text = known->what()};
}

Response json_response(const Json& value, unsigned status) {
  return {.status = status, .body = value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Response busy_response(const std::string& why) {
  Response response = error_response(503, why);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

ModelService* Api::find(const std::string& name) const {
  if (name.empty()) return services.front().get();
  const auto found =
      std::ranges::find_if(services, [&](const auto& service) { return service->name() == name; });
  return found == services.end() ? nullptr : found->get();
}

std::chrono::steady_clock::time_point Api::until() const {
  return std::chrono::steady_clock::now() + options.limits.request;
}

const std::vector<Route>& routes() {
  static const std::vector<Route> all{
      {"GET", "/", &answer_page},
      {"GET", "/healthz", &answer_health},
      {"GET", "/readyz", &answer_ready},
      {"GET", "/metrics", &answer_metrics},
      {"GET", "/openapi.json", &answer_openapi},
      {"GET", "/v1/models", &answer_models},
      {"POST", "/v1/predict", &answer_predict},
      {"POST", "/v1/features", &answer_features},
      {"POST", "/v1/explain", &answer_explain},
      {"POST", "/v1/collect", &answer_collect},
      {"GET", "/v2", &answer_v2_server},
      {"GET", "/v2/health/live", &answer_v2_live},
      {"GET", "/v2/health/ready", &answer_v2_ready},
      {"GET", "/v2/models/{name}", &answer_v2_model},
      {"GET", "/v2/models/{name}/ready", &answer_v2_model_ready},
      {"POST", "/v2/models/{name}/infer", &answer_v2_infer},
  };
  return all;
}

std::optional<Response> check(const Api& api, const RequestHead& head) {
  if (auto refused = api.access.refuse(head)) return refused;
  const Found found = find_route(head);
  if (found.route != nullptr) return std::nullopt;
  if (found.allowed.empty()) return error_response(404, "there is no such path; see /openapi.json");
  Response response = error_response(405, cat("expected the method ", found.allowed));
  response.headers.emplace_back("Allow", found.allowed);
  return response;
}

void answer(Api& api, Request request, Reply reply) {
  const auto start = std::chrono::steady_clock::now();
  const Found found = find_route(request);
  const std::string path = found.route == nullptr ? "" : found.route->path;
  const Reply counted = [&api, path, start, reply = std::move(reply)](Response response) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    api.metrics.answered(path, response.status, seconds.count());
    reply(std::move(response));
  };
  try {
    found.route->answer(api, request, found.name, counted);
  } catch (const std::exception& error) {
    const Failure failure = failure_of(error);
    counted(error_response(failure.status, failure.text));
  }
}

void answer_models(Api& api, Request&, const std::string&, const Reply& reply) {
  Json models = Json::array();
  for (const auto& service : api.services) {
    const auto loaded = service->loaded();
    const Size2D size = loaded->classifier.image_size();
    models.push_back({{"name", service->name()},
                      {"version", loaded->version},
                      {"classes", loaded->classifier.class_names()},
                      {"image_size", {size.height, size.width}},
                      {"ready", service->trouble().empty()}});
  }
  reply(json_response(
      {{"models", models}, {"collects", !api.options.collect.empty()}, {"graft_version", version()}}));
}

void answer_health(Api& api, Request&, const std::string&, const Reply& reply) {
  for (const auto& service : api.services) {
    if (!service->trouble().empty())
      return reply(error_response(503, cat("predictions of ", service->name(), " do not succeed")));
  }
  reply(json_response({{"status", "ok"}}));
}

void answer_ready(Api& api, Request& request, const std::string& name, const Reply& reply) {
  if (api.ending) return reply(error_response(503, "the server ends"));
  answer_health(api, request, name, reply);
}

void answer_metrics(Api& api, Request&, const std::string&, const Reply& reply) {
  reply({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = api.metrics.text(api.now())});
}

void answer_openapi(Api& api, Request&, const std::string&, const Reply& reply) {
  reply(json_response(openapi(!api.options.token.empty())));
}

}  // namespace graft::serve

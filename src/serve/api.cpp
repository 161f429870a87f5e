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

/// Takes what stands before the next "/".
std::string_view next_part(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

/// What stands for "{name}" and "{version}" in a path.
struct PathParts {
  std::string name{}, version{};
};

/// Whether a path has a route's form.
bool matches(std::string_view form, std::string_view path, PathParts& parts) {
  if (std::ranges::count(form, '/') != std::ranges::count(path, '/')) return false;
  while (!form.empty()) {
    const std::string_view expected = next_part(form), given = next_part(path);
    if (expected != "{name}" && expected != "{version}") {
      if (expected != given) return false;
      continue;
    }
    if (given.empty()) return false;
    (expected == "{name}" ? parts.name : parts.version) = given;
  }
  return path.empty();
}

struct Found {
  const Route* route = nullptr;
  PathParts parts{};
  std::string allowed{};  ///< methods of this path
};

Found find_route(const RequestHead& head) {
  Found found;
  for (const Route& route : routes()) {
    PathParts parts;
    if (!matches(route.path, head.path, parts)) continue;
    found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
    const bool same =
        head.method == route.method || (head.method == "HEAD" && route.method == std::string_view("GET"));
    if (same && found.route == nullptr) {
      found.route = &route;
      found.parts = parts;
    }
  }
  return found;
}

/// The type of a Content-Type, without its parameters, in small letters.
std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, std::min(content_type.find_first_of("; \t"), content_type.size())));
  std::ranges::transform(type, type.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type;
}

/// 415 for a body that cannot be what the route takes. A program that states no type has mostly read a file;
/// application/x-www-form-urlencoded is what curl --data-binary states.
std::optional<Response> refuse_type(const RequestHead& head, Body body) {
  if (body == Body::none) return std::nullopt;
  if (!head.content_encoding.empty() && head.content_encoding != "identity") {
    return error_response(415, cat("Content-Encoding: expected none, received '",
                                   printable(head.content_encoding), "': send the body as it is"));
  }
  const std::string type = media_type(head.content_type);
  if (type.empty() || type == "application/octet-stream" || type == "application/x-www-form-urlencoded")
    return std::nullopt;
  const bool fits = body == Body::tensors ? type == "application/json"
                                          : type.starts_with("image/") || type == "multipart/form-data";
  if (fits) return std::nullopt;
  return error_response(415, cat("Content-Type: expected ",
                                 body == Body::tensors ? "application/json"
                                                       : "image/jpeg or another image's, multipart/form-data",
                                 " or application/octet-stream, received '", printable(type), "'"));
}

Response no_model(const std::string& name) {
  return error_response(404, cat("there is no model '", printable(name), "'; see /v1/models"));
}

}  // namespace

std::string_view kind_of(const Classifier& classifier) {
  if (classifier.gives_numbers()) return kNumbers;
  return classifier.has_several_labels() ? kSeveralLabels : kOneClass;
}

Response error_response(unsigned status, std::string_view text) {
  return json_response({{"error", printable(text)}}, status);
}

Failure failure_of(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  if (known == nullptr || known->kind() == ErrorKind::internal || known->kind() == ErrorKind::io) return {};
  return {.status = known->kind() == ErrorKind::not_found ? 404U : 400U, .text = known->what()};
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
      {"GET", "/", Body::none, &answer_page},
      {"GET", "/healthz", Body::none, &answer_health},
      {"GET", "/readyz", Body::none, &answer_ready},
      {"GET", "/metrics", Body::none, &answer_metrics},
      {"GET", "/openapi.json", Body::none, &answer_openapi},
      {"GET", "/v1/models", Body::none, &answer_models},
      {"POST", "/v1/predict", Body::photo, &answer_predict},
      {"POST", "/v1/features", Body::photo, &answer_features},
      {"POST", "/v1/explain", Body::photo, &answer_explain},
      {"POST", "/v1/collect", Body::photo, &answer_collect},
      {"GET", "/v2", Body::none, &answer_v2_server},
      {"GET", "/v2/health/live", Body::none, &answer_v2_live},
      {"GET", "/v2/health/ready", Body::none, &answer_v2_ready},
      {"GET", "/v2/models/{name}", Body::none, &answer_v2_model},
      {"GET", "/v2/models/{name}/ready", Body::none, &answer_v2_model_ready},
      {"POST", "/v2/models/{name}/infer", Body::tensors, &answer_v2_infer},
      {"GET", "/v2/models/{name}/versions/{version}", Body::none, &answer_v2_model},
      {"GET", "/v2/models/{name}/versions/{version}/ready", Body::none, &answer_v2_model_ready},
      {"POST", "/v2/models/{name}/versions/{version}/infer", Body::tensors, &answer_v2_infer},
  };
  return all;
}

std::optional<Response> check(const Api& api, const RequestHead& head) {
  if (auto refused = api.access.refuse(head)) return refused;
  const Found found = find_route(head);
  if (found.route != nullptr) {
    // What has no answer is refused before its body is read.
    if (found.route->body == Body::photo && api.find(head.value("model")) == nullptr)
      return no_model(head.value("model"));
    return refuse_type(head, found.route->body);
  }
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
    request.version = found.parts.version;
    found.route->answer(api, request, found.parts.name, counted);
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
                      {"kind", kind_of(loaded->classifier)},
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
  // Kept: it is the longest answer that a client may ask for again and again.
  std::call_once(api.described, [&api] {
    api.description = json_response(openapi(!api.options.token.empty(), api.options.limits.photos));
  });
  reply(api.description);
}

}  // namespace graft::serve

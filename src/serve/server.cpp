// SPDX-License-Identifier: Apache-2.0
#include "graft/serve/server.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "graft/base/fail.hpp"

#include "serve/api.hpp"
#include "serve/http_server.hpp"

namespace graft::serve {
namespace {

void check(const ServeOptions& options) {
  if (options.models.empty()) fail(ErrorKind::invalid_argument, "models: expected at least one");
  std::set<std::string> names;
  for (const ServedModel& model : options.models) {
    if (model.name.empty() || model.name.find('/') != std::string::npos || !names.insert(model.name).second)
      fail_option(ErrorKind::invalid_argument, "models",
                  "models: expected names that differ and have no '/', received '", model.name, "'");
  }
  const Limits& limits = options.limits;
  if (limits.photos == 0 || limits.queue == 0 || limits.connections < 8 || limits.body_bytes == 0)
    fail(ErrorKind::invalid_argument, "limits: expected at least 1, and 8 connections");
}

/// By which names the server may be addressed.
std::vector<std::string> own_names(const ServeOptions& options) {
  std::vector<std::string> names = options.names;
  names.push_back(options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]");
  const bool is_loopback = options.host.starts_with("127.") || options.host == "::1";
  const bool is_any = options.host == "0.0.0.0" || options.host == "::";
  if (is_loopback || is_any) names.insert(names.end(), {"localhost", "127.0.0.1", "[::1]"});
  return names;
}

}  // namespace

struct Server::State {
  ServeOptions options;
  Metrics metrics{};
  std::vector<std::unique_ptr<ModelService>> services{};
  std::optional<Access> access{};
  std::optional<Api> api{};
  std::optional<HttpServer> http{};
  std::mutex mutex{};
  std::condition_variable wake{};
  bool ending = false;
  bool stopped = false;
  std::thread watch{};

  explicit State(ServeOptions given) : options(std::move(given)) {}

  [[nodiscard]] Metrics::Now now() const {
    Metrics::Now now;
    if (http) {
      now.connections = http->connections().count();
      now.dropped = http->connections().dropped();
    }
    for (const auto& service : services) now.queued[service->name()] = service->queued();
    return now;
  }

  void watch_models() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::seconds(1), [this] { return ending; })) {
      lock.unlock();
      for (const auto& service : services) {
        service->look_at_file();
        service->try_again();
      }
      lock.lock();
    }
  }

  void start() {
    for (const ServedModel& model : options.models)
      services.push_back(std::make_unique<ModelService>(model, options, metrics));
    if (!options.collect.empty()) expect_one_kind(services);
    Handlers handlers{.check = [this](const RequestHead& head) { return serve::check(*api, head); },
                      .handle = [this](Request request,
                                       Reply reply) { answer(*api, std::move(request), std::move(reply)); }};
    access.emplace(options.token, own_names(options));
    api.emplace(options, services, metrics, *access, [this] { return now(); });
    http.emplace(options, std::move(handlers));
    access->listening_at(http->port());
    watch = std::thread([this] { watch_models(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      if (stopped) return;
      stopped = ending = true;
    }
    wake.notify_all();
    if (watch.joinable()) watch.join();
    if (api) api->ending = true;
    if (http) http->close_door();
    for (const auto& service : services) service->stop();
    if (http) http->stop();
  }
};

Server::Server(ServeOptions options) : state_(std::make_unique<State>(std::move(options))) {
  check(state_->options);
  state_->start();
}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return state_->http->port(); }

void Server::stop() { state_->stop(); }

}  // namespace graft::serve

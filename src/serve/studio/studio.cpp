// SPDX-License-Identifier: Apache-2.0
#include "graft/serve/studio.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <sys/random.h>
#include <sys/stat.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"

#include "serve/access.hpp"
#include "serve/api.hpp"
#include "serve/http_server.hpp"
#include "serve/studio/page.hpp"
#include "serve/studio/refusal.hpp"
#include "serve/studio/routes.hpp"
#include "serve/studio/workers.hpp"

namespace graft::serve {
namespace studio {
namespace {

/// The project's token, made at the first start: a page that is open stays good when the studio is started
/// again.
std::string token_of(const Project& project) {
  const std::filesystem::path file = project.own_folder() / "token";
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    const std::string token = read_file(file, 1024);
    if (token.size() >= 32) return token.substr(0, token.find_first_of("\r\n"));
  }
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    fail(ErrorKind::io, "the system has no random numbers for an access token");
  std::string token;
  for (const unsigned char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    token += kDigits[byte >> 4];
    token += kDigits[byte & 15];
  }
  AtomicFile writing(file);
  const mode_t before = ::umask(0077);  // for the owner only
  write_file_atomically(writing.temporary_path(), token + "\n");
  ::umask(before);
  writing.commit();
  return token;
}

const StudioRoute* find_studio_route(const RequestHead& head, std::string& allowed) {
  for (const StudioRoute& route : studio_routes()) {
    if (head.path != route.path) continue;
    if (head.method == route.method) return &route;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return nullptr;
}

/// What a request's sender gets as the reason of an error.
Response response_of(const std::exception& error) {
  if (const auto* refused = dynamic_cast<const Refusal*>(&error))
    return error_response(refused->status(), refused->what());
  const auto* known = dynamic_cast<const Error*>(&error);
  // On the user's own computer the reason of the system helps: a full disk, a folder that cannot be written.
  if (known != nullptr && known->kind() == ErrorKind::io) return error_response(500, known->what());
  if (known != nullptr && known->kind() == ErrorKind::not_found) return error_response(404, known->what());
  const Failure failure = failure_of(error);
  return error_response(failure.status, failure.text);
}

/// Unset: as the project was.
std::optional<Grouping> wanted_grouping(const StudioOptions& options) {
  if (options.multi_label) return Grouping::labels;
  return options.nested ? std::optional(Grouping::nested) : std::nullopt;
}

}  // namespace

const std::vector<StudioRoute>& studio_routes() {
  static const std::vector<StudioRoute> all = [] {
    std::vector<StudioRoute> routes = photo_routes();
    for (const std::vector<StudioRoute>& more : {tag_routes(), round_routes()})
      routes.insert(routes.end(), more.begin(), more.end());
    return routes;
  }();
  return all;
}

Desk::Desk(const StudioOptions& given)
    : options(given),
      project(given.project, wanted_grouping(given)),
      tags(project),
      rounds(project),
      accepted(project.own_folder()),
      job({.program = given.program, .folder = project.folder().parent_path()}),
      phone({.program = given.program, .folder = project.folder().parent_path()}),
      models(options) {
  if (project.grouping() == Grouping::labels) tags.begin(Grouping::classes);
}

}  // namespace studio

struct Studio::State {
  StudioOptions options;
  studio::Desk desk;
  std::string token;
  Access access;
  studio::Workers quick{2}, slow{3};
  std::optional<HttpServer> http{};

  explicit State(StudioOptions given)
      : options(std::move(given)),
        desk(options),
        token(studio::token_of(desk.project)),
        access(token, {"localhost", "127.0.0.1", "[::1]"}) {
    ServeOptions serving;
    serving.port = options.port;
    serving.limits.body_bytes = options.photo_bytes;
    http.emplace(serving,
                 Handlers{.check = [this](const RequestHead& head) { return check(head); },
                          .handle = [this](Request request,
                                           const Reply& reply) { handle(std::move(request), reply); }});
    access.listening_at(http->port());
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (http) http->close_door();
    desk.phone.stop();
    quick.stop();
    slow.stop();
    if (http) http->stop();
  }

  [[nodiscard]] std::optional<Response> check(const RequestHead& head) const {
    if (auto refused = access.refuse(head)) return refused;
    if (head.path == "/" && (head.method == "GET" || head.method == "HEAD")) return std::nullopt;
    std::string allowed;
    if (studio::find_studio_route(head, allowed) != nullptr) return std::nullopt;
    if (allowed.empty()) return error_response(404, "there is no such path");
    Response response = error_response(405, cat("expected the method ", allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
  }

  void handle(Request request, const Reply& reply) {
    if (request.path == "/") {
      return reply({.content_type = "text/html; charset=utf-8",
                    .body = studio::page(),
                    .headers = {{"Content-Security-Policy", "frame-ancestors 'none'"}}});
    }
    std::string allowed;
    const studio::StudioRoute* route = studio::find_studio_route(request, allowed);
    auto shared = std::make_shared<Request>(std::move(request));
    const bool accepted = (route->quick ? quick : slow).add([this, route, shared, reply] {
      try {
        route->answer(desk, *shared, reply);
      } catch (const std::exception& error) {
        reply(studio::response_of(error));
      }
    });
    if (!accepted) reply(busy_response("too many requests wait; try again later"));
  }
};

Studio::Studio(StudioOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Studio::~Studio() = default;

std::uint16_t Studio::port() const { return state_->http->port(); }
const std::string& Studio::token() const { return state_->token; }

}  // namespace graft::serve

// SPDX-License-Identifier: Apache-2.0
#include "serve/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft::serve {
namespace {

using Clock = Connections::Clock;

/// One request of a connection.
struct Exchange {
  Request request;
  std::size_t body_bytes = 0;  ///< of the body so far, kept or not
  std::size_t held = 0;        ///< of it, those that State::held counts
  bool too_large = false;
  bool too_many = false;  ///< bytes of all requests together
  std::mutex mutex;
  std::optional<Response> response;
  bool suspended = false;
};

std::string address_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  }
  return text;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

/// What to listen at.
struct Endpoint {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  bool is_v6 = false;

  [[nodiscard]] const sockaddr* address() const {
    return is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  }
};

Endpoint endpoint_of(const ServeOptions& options) {
  Endpoint end;
  end.v4.sin_family = AF_INET;
  end.v4.sin_port = htons(options.port);
  end.v6.sin6_family = AF_INET6;
  end.v6.sin6_port = htons(options.port);
  if (inet_pton(AF_INET, options.host.c_str(), &end.v4.sin_addr) == 1) return end;
  end.is_v6 = true;
  if (inet_pton(AF_INET6, options.host.c_str(), &end.v6.sin6_addr) == 1) return end;
  fail_option(ErrorKind::invalid_argument, "host",
              "host: expected an address such as 127.0.0.1 or 0.0.0.0, received '", options.host, "'");
}

std::string header(MHD_Connection* connection, const char* name) {
  const char* found = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return found == nullptr ? std::string() : found;
}

MHD_Result add_to_query(void* query, MHD_ValueKind, const char* name, const char* value) {
  (*static_cast<std::map<std::string, std::string>*>(query))[name] = value == nullptr ? "" : value;
  return MHD_YES;
}

}  // namespace

struct HttpServer::State {
  Handlers handlers;
  Limits limits;
  Connections connections;
  MHD_Daemon* daemon = nullptr;
  std::uint16_t port = 0;
  std::atomic<std::size_t> held{0};  ///< bytes of all bodies
  std::mutex mutex;
  std::condition_variable wake;
  bool ending = false;
  std::thread watch;

  State(const ServeOptions& options, Handlers given)
      : handlers(std::move(given)), limits(options.limits), connections(options.limits) {}

  /// Once in a while.
  void watch_connections() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::milliseconds(250), [this] { return ending; }))
      connections.close_slow(Clock::now());
  }

  MHD_Result send(MHD_Connection* connection, const Response& response) {
    connections.answering(connection, response.body.size(), Clock::now());
    MHD_Response* made = MHD_create_response_from_buffer(
        response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
    if (made == nullptr) return MHD_NO;
    const auto add = [&](const char* name, const std::string& value) {
      MHD_add_response_header(made, name, value.c_str());
    };
    add("Content-Type", response.content_type);
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    const bool keeps =
        std::ranges::any_of(response.headers, [](const auto& one) { return one.first == "Cache-Control"; });
    if (!keeps) add("Cache-Control", "no-store");
    for (const auto& [name, value] : response.headers) add(name.c_str(), value);
    const MHD_Result result = MHD_queue_response(connection, response.status, made);
    MHD_destroy_response(made);
    return result;
  }

  static RequestHead head_of(MHD_Connection* connection, const char* url, const char* method) {
    RequestHead head{.method = method, .path = url};
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &add_to_query, &head.query);
    head.host = header(connection, "Host");
    head.origin = header(connection, "Origin");
    head.authorization = header(connection, "Authorization");
    head.content_type = header(connection, "Content-Type");
    head.content_encoding = header(connection, "Content-Encoding");
    head.inference_header_length = header(connection, "Inference-Header-Content-Length");
    return head;
  }

  /// Whether a body of the length that the head announces is too long.
  [[nodiscard]] bool announces_too_much(MHD_Connection* connection) const {
    const std::string length = header(connection, "Content-Length");
    return length.size() > 18 ||
           (!length.empty() && std::strtoull(length.c_str(), nullptr, 10) > limits.body_bytes);
  }

  [[nodiscard]] Response too_large() const {
    return error_response(413, cat("the body is larger than ", limits.body_bytes, " bytes"));
  }

  [[nodiscard]] static Response busy() {
    Response response = error_response(503, "too many requests are being read; try again later");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }

  MHD_Result begin(MHD_Connection* connection, const char* url, const char* method, void** context) {
    connections.began(connection, Clock::now());
    auto head = head_of(connection, url, method);
    std::optional<Response> refused = handlers.check(head);
    if (!refused && announces_too_much(connection)) refused = too_large();
    auto exchange = std::make_shared<Exchange>();
    *context = new std::shared_ptr<Exchange>(exchange);
    if (refused) return send(connection, *refused);
    static_cast<RequestHead&>(exchange->request) = std::move(head);
    return MHD_YES;
  }

  MHD_Result receive(MHD_Connection* connection, Exchange& exchange, const char* data, std::size_t* size) {
    connections.received(connection, *size);
    exchange.body_bytes += *size;
    exchange.too_large = exchange.too_large || exchange.body_bytes > limits.body_bytes;
    // libmicrohttpd sends no response while a body comes. One that never ends is cut off.
    if (exchange.body_bytes > 2 * limits.body_bytes) return MHD_NO;
    exchange.too_many = exchange.too_many || held + *size > limits.all_bodies;
    if (exchange.too_large || exchange.too_many) {
      exchange.request.body = {};
      held -= std::exchange(exchange.held, 0);
    } else {
      exchange.request.body.append(data, *size);
      exchange.held += *size;
      held += *size;
    }
    *size = 0;
    return MHD_YES;
  }

  MHD_Result work(MHD_Connection* connection, const std::shared_ptr<Exchange>& exchange) {
    {
      const std::lock_guard lock(exchange->mutex);
      if (exchange->response) return send(connection, *exchange->response);
      if (exchange->suspended) return MHD_YES;
      if (exchange->too_large) return send(connection, too_large());
      if (exchange->too_many) return send(connection, busy());
      exchange->suspended = true;
    }
    connections.complete(connection);
    MHD_suspend_connection(connection);
    handlers.handle(std::move(exchange->request), [connection, exchange](Response response) {
      const std::lock_guard lock(exchange->mutex);
      if (exchange->response) return;
      exchange->response = std::move(response);
      MHD_resume_connection(connection);
    });
    return MHD_YES;
  }

  // NOLINTNEXTLINE(readability-function-size): libmicrohttpd defines the parameters
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                               const char*, const char* data, std::size_t* size, void** context) {
    auto& state = *static_cast<State*>(self);
    try {
      if (*context == nullptr) return state.begin(connection, url, method, context);
      const auto exchange = *static_cast<std::shared_ptr<Exchange>*>(*context);
      if (*size > 0) return state.receive(connection, *exchange, data, size);
      return state.work(connection, exchange);
    } catch (const std::exception&) {
      return MHD_NO;  // no memory: the connection is closed
    }
  }

  static void on_completed(void* self, MHD_Connection* connection, void** context,
                           MHD_RequestTerminationCode) {
    auto& state = *static_cast<State*>(self);
    if (auto* exchange = static_cast<std::shared_ptr<Exchange>*>(*context)) {
      state.held -= (*exchange)->held;
      delete exchange;
    }
    *context = nullptr;
    state.connections.answered(connection, Clock::now());
  }

  static void on_connection(void* self, MHD_Connection* connection, void**,
                            MHD_ConnectionNotificationCode code) {
    Connections& all = static_cast<State*>(self)->connections;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) return all.closed(connection);
    const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const auto* address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (socket == nullptr || address == nullptr) return;
    all.opened(connection, socket->connect_fd, address_of(address->client_addr), Clock::now());
  }

  static MHD_Result on_accept(void* self, const sockaddr* address, socklen_t) {
    const std::string text = address_of(address);
    return static_cast<State*>(self)->connections.admits(text, is_loopback(text)) ? MHD_YES : MHD_NO;
  }

  void listen(const ServeOptions& options) {
    const Endpoint end = endpoint_of(options);
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                           static_cast<unsigned>(end.is_v6 ? MHD_USE_IPv6 : MHD_NO_FLAG);
    errno = 0;
    daemon = MHD_start_daemon(
        flags, options.port, &on_accept, this, &on_request, this, MHD_OPTION_SOCK_ADDR, end.address(),
        MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(limits.connections), MHD_OPTION_CONNECTION_TIMEOUT,
        static_cast<unsigned>(limits.idle.count()), MHD_OPTION_CONNECTION_MEMORY_LIMIT, std::size_t{32} << 10,
        MHD_OPTION_NOTIFY_COMPLETED, &on_completed, this, MHD_OPTION_NOTIFY_CONNECTION, &on_connection, this,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024U, MHD_OPTION_END);
    if (daemon == nullptr) {
      const int reason = errno;
      fail_option(ErrorKind::io, "port", "cannot listen at ", options.host, " port ", options.port, ": ",
                  reason == 0 ? "the system refused it" : std::strerror(reason),
                  reason == EADDRINUSE ? "; another program uses it: choose another port" : "");
    }
    const auto* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    port = info == nullptr ? options.port : info->port;
    watch = std::thread([this] { watch_connections(); });
  }
};

HttpServer::HttpServer(const ServeOptions& options, Handlers handlers)
    : state_(std::make_unique<State>(options, std::move(handlers))) {
  state_->listen(options);
}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return state_->port; }
const Connections& HttpServer::connections() const { return state_->connections; }

void HttpServer::close_door() {
  if (state_->daemon == nullptr) return;
  const MHD_socket socket = MHD_quiesce_daemon(state_->daemon);
  if (socket != MHD_INVALID_SOCKET) close(socket);
}

void HttpServer::stop() {
  if (state_->daemon == nullptr) return;
  close_door();
  const auto until = Clock::now() + std::chrono::seconds(10);
  while (state_->connections.requests() > 0 && Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_all();
  state_->watch.join();
  MHD_stop_daemon(state_->daemon);
  state_->daemon = nullptr;
}

}  // namespace graft::serve

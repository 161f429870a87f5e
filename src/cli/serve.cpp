// SPDX-License-Identifier: Apache-2.0
// graft serve MODEL...: classifies photos for phones and other programs, over HTTP.
#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/serve/qr_code.hpp"
#include "graft/serve/server.hpp"

#include "cli/common_options.hpp"
#include "cli/output.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

constexpr const char* kTokenVariable = "GRAFT_TOKEN";

struct ServeArguments {
  std::vector<std::string> models;
  serve::ServeOptions options;
  int delay_ms = 0;
  int body_mb = 32;
  bool lan = false;
  CommonOptions common;
};

/// NAME=FILE, or a file or result folder, whose name is the model's without "-graft" and extension.
serve::ServedModel served_model(const std::string& given) {
  const std::size_t equals = given.find('=');
  std::error_code ignored;
  if (equals != std::string::npos && equals > 0 && !std::filesystem::exists(given, ignored))
    return {.name = given.substr(0, equals), .file = given.substr(equals + 1)};
  std::filesystem::path path = std::filesystem::absolute(given).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.filename() == "model.keras") path = path.parent_path();
  std::string name = path.stem().string();
  if (name.ends_with("-graft") && name.size() > 6) name.resize(name.size() - 6);
  return {.name = name, .file = given};
}

/// 128 random bits as text.
std::string new_token() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    fail(ErrorKind::io, "the system has no random numbers for an access token");
  std::string text;
  for (const unsigned char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

/// IPv4 addresses of this computer in its networks.
std::vector<std::string> network_addresses() {
  std::vector<std::string> found;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return found;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    if ((one->ifa_flags & IFF_LOOPBACK) != 0 || (one->ifa_flags & IFF_UP) == 0) continue;
    char text[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text, sizeof text);
    found.emplace_back(text);
  }
  freeifaddrs(all);
  return found;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Each connection is a file for the system, of which a program has few at first.
void allow_connections(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, connections + 256));
  setrlimit(RLIMIT_NOFILE, &limit);
}

void print_address(const ServeArguments& given, std::uint16_t port,
                   const std::vector<std::string>& addresses) {
  const serve::ServeOptions& options = given.options;
  const std::string host =
      options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  const std::string shown_host = given.lan && !addresses.empty() ? addresses.front() : host;
  const std::string url = cat("http://", shown_host, ":", port, "/");
  const std::string with_token = options.token.empty() ? url : url + "?token=" + options.token;
  if (given.common.json) {
    Json models = Json::array();
    for (const serve::ServedModel& model : options.models) models.push_back(model.name);
    print_json({{"url", url}, {"port", port}, {"token", options.token}, {"models", models}});
    // The program that started the server waits for this line.
    std::cout << std::flush;
    return;
  }
  if (given.common.quiet) return;
  std::cout << "serving " << comma_list(options.models, &serve::ServedModel::name) << "\n"
            << with_token << "\n"
            << "API: " << url << "openapi.json   stop: Ctrl-C\n";
  if (given.lan) std::cout << serve::qr_code(with_token, isatty(STDOUT_FILENO) != 0);
  std::cout << std::flush;
}

int run_server(ServeArguments given) {
  serve::ServeOptions& options = given.options;
  if (options.token.empty()) {
    if (const char* token = std::getenv(kTokenVariable)) options.token = token;
  }
  std::vector<std::string> addresses;
  if (given.lan) {
    options.host = "0.0.0.0";
    addresses = network_addresses();
    if (options.token.empty()) options.token = new_token();
    options.names.insert(options.names.end(), addresses.begin(), addresses.end());
    options.names.push_back(host_name());
    options.names.push_back(host_name() + ".local");
  }
  const bool loopback = options.host.starts_with("127.") || options.host == "::1";
  if (!loopback && options.token.empty() && !given.common.quiet)
    std::cerr << "note: every computer that reaches " << options.host
              << " may use the server: choose a --token\n";
  for (const std::string& model : given.models) options.models.push_back(served_model(model));
  options.execution = given.common.execution;
  options.limits.delay = std::chrono::milliseconds(given.delay_ms);
  options.limits.body_bytes = static_cast<std::size_t>(given.body_mb) << 20;
  static std::mutex printing;
  options.log = [quiet = given.common.quiet](const std::string& line) {
    const std::lock_guard lock(printing);
    if (!quiet) std::cerr << shown(line) << '\n';
  };
  allow_connections(options.limits.connections);
  std::signal(SIGPIPE, SIG_IGN);
  watch_for_interrupt(Stopping::ends);
  serve::Server server(options);
  print_address(given, server.port(), addresses);
  while (!interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server.stop();
  return 0;
}

void add_address_options(CLI::App& command, ServeArguments& given) {
  serve::ServeOptions& options = given.options;
  auto* host = command.add_option("--host", options.host, "the address to listen at")
                   ->capture_default_str()
                   ->type_name("ADDRESS");
  command.add_option("--port", options.port, "the port; 0: any free one")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_flag("--lan", given.lan,
                "for phones and computers of the local network: listens at all addresses, makes an access "
                "token, and prints the address as a QR code too")
      ->excludes(host);
  command.add_option(
      "--token", options.token,
      cat("the access token that requests need; $", kTokenVariable, " does not show it to others"));
  command.add_option("--name", options.names,
                     "a further name by which clients address the server, such as photos.example.org");
}

void add_limit_options(CLI::App& command, ServeArguments& given) {
  command
      .add_option("--delay", given.delay_ms,
                  "milliseconds that a photo waits for others, so that each thread has one; alone it is "
                  "computed by all threads")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000))
      ->type_name("MS");
  command
      .add_option("--queue", given.options.limits.queue, "photos that may wait; beyond it the answer is 503")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
  command.add_option("--max-body", given.body_mb, "MiB of a request, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 2048))
      ->type_name("MIB");
}

}  // namespace

void add_serve(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("serve", "Classify photos for phones and programs, over HTTP");
  auto given = std::make_shared<ServeArguments>();
  command->add_option("MODEL", given->models, "result folders or model files; NAME=FILE chooses the name")
      ->required();
  add_address_options(*command, *given);
  command
      ->add_option(
          "--collect", given->options.collect,
          "keep photos whose answer a person corrects in this folder: one sub-folder a class; of several "
          "labels and of numbers with a row in its labels.csv")
      ->type_name("DIR");
  add_limit_options(*command, *given);
  add_threads_option(*command, given->common.execution);
  add_precision_option(*command, given->common.execution);
  add_output_options(*command, given->common);
  command->footer(
      "The page at / is for people: choose or take photos, see where the answer comes from, correct it "
      "(--collect). For programs there are /v1/predict, /v1/features, /v1/explain, /v1/models, /healthz, "
      "/readyz, "
      "/metrics and KServe's /v2; /openapi.json describes them. A changed model file is loaded and replaces "
      "the old one. "
      "Ctrl-C and SIGTERM answer what was accepted, then end.\n\n"
      "Examples:\n"
      "  graft serve photos-graft\n"
      "  curl --data-binary @new.jpg http://127.0.0.1:8080/v1/predict\n"
      "  graft serve photos-graft --lan --collect corrected\n"
      "  graft serve flowers=photos-graft birds=birds/model.keras --port 9000");
  command->callback([given, &run] { run = [given] { return run_server(*given); }; });
}

}  // namespace graft::cli

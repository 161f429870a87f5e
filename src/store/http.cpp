// SPDX-License-Identifier: Apache-2.0
#include "store/http.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <memory>

#include <curl/curl.h>

#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/text.hpp"
#include "graft/version.hpp"

namespace graft::store {
namespace {

constexpr std::uint64_t kMostOfARefusal = std::uint64_t{1} << 16U;

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// State of a request in progress.
struct Exchange {
  CURL* handle = nullptr;
  const HttpReceiver& receiver;
  HttpHead head;
  bool begun = false, stopped = false;
  std::uint64_t refusal_bytes = 0;

  [[nodiscard]] bool accepted() const { return head.status == kHttpOk || head.status == kHttpPartial; }
  /// Calls begin() once.
  [[nodiscard]] bool begin() {
    if (begun) return true;
    begun = true;
    stopped = !receiver.begin(head);
    return !stopped;
  }
};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// "bytes 100-199/1000", "bytes */1000".
void read_content_range(std::string_view value, HttpHead& head) {
  if (!value.starts_with("bytes ")) return;
  value = trimmed(value.substr(6));
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) return;
  head.total = number_in(value.substr(slash + 1));
  head.range_begin = number_in(value.substr(0, std::min(value.find('-'), slash)));
}

/// Hugging Face states a large file's SHA-256 as "..." or W/"...".
std::string hash_of_etag(std::string_view value) {
  constexpr std::size_t kDigits = 64;
  std::string digits;
  for (const char c : value) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  return digits.size() == kDigits ? digits : "";
}

void read_header(std::string_view line, Exchange& exchange) {
  HttpHead& head = exchange.head;
  if (line.starts_with("HTTP/")) {  // another answer begins
    HttpHead next;
    next.linked_hash = head.linked_hash;
    curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &next.status);
    head = next;
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "etag") head.etag = value;
  if (name == "last-modified") head.last_modified = value;
  if (name == "content-length") head.length = number_in(value);
  if (name == "content-range") read_content_range(value, head);
  if (name == "x-linked-etag") head.linked_hash = hash_of_etag(value);
  if (name == "retry-after") {
    if (const auto seconds = number_in(value)) head.retry_after = static_cast<double>(*seconds);
  }
}

std::size_t on_header(char* data, std::size_t, std::size_t count, void* exchange) {
  read_header({data, count}, *static_cast<Exchange*>(exchange));
  return count;
}

std::size_t on_body(char* data, std::size_t, std::size_t count, void* pointer) {
  Exchange& exchange = *static_cast<Exchange*>(pointer);
  curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &exchange.head.status);
  if (!exchange.accepted()) {  // a page that explains a refusal: not kept, and not read without end
    exchange.refusal_bytes += count;
    return exchange.refusal_bytes > kMostOfARefusal ? 0 : count;
  }
  if (!exchange.begin()) return 0;
  if (exchange.receiver.bytes({data, count})) return count;
  exchange.stopped = true;
  return 0;
}

int on_progress(void* pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Exchange& exchange = *static_cast<Exchange*>(pointer);
  if (exchange.receiver.tick()) return 0;
  exchange.stopped = true;
  return 1;
}

HttpResult::End end_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return HttpResult::End::unreachable;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return HttpResult::End::invalid;
    default:
      return HttpResult::End::broken;
  }
}

void set_up(CURL* handle, const HttpRequest& request, Exchange& exchange, curl_slist* headers) {
  constexpr long kMostRedirections = 10, kMilliseconds = 1000;
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_USERAGENT, cat("graft/", version()).c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, kMostRedirections);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_timeout * static_cast<double>(kMilliseconds)));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, std::lround(request.stall_timeout)));
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  // Networks that look into connections have certificates of their own, which these name for other programs.
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (const std::string bundle = environment(name); !bundle.empty())
      curl_easy_setopt(handle, CURLOPT_CAINFO, bundle.c_str());
  }
  if (request.from > 0) curl_easy_setopt(handle, CURLOPT_RANGE, cat(request.from, "-").c_str());
}

std::string reason_of(CURLcode code, const char* details) {
  const std::string text = *details != '\0' ? details : curl_easy_strerror(code);
  return printable(text);
}

}  // namespace

HttpResult http_get(const HttpRequest& request, const HttpReceiver& receiver) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, Free> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!handle) fail(ErrorKind::internal, "libcurl could not be started");
  std::unique_ptr<curl_slist, Free> headers;
  if (request.from > 0 && !request.validator.empty())
    headers.reset(curl_slist_append(nullptr, cat("If-Range: ", request.validator).c_str()));
  Exchange exchange{.handle = handle.get(), .receiver = receiver};
  std::array<char, CURL_ERROR_SIZE> details{};
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, details.data());
  set_up(handle.get(), request, exchange, headers.get());
  const CURLcode code = curl_easy_perform(handle.get());
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &exchange.head.status);
  HttpResult result{.head = exchange.head};
  if (exchange.stopped) {
    result.end = HttpResult::End::stopped;
  } else if (result.head.status != 0 && !exchange.accepted() &&
             (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
    result.end = HttpResult::End::refused;
    result.reason = cat("the server answered ", result.head.status);
  } else if (code == CURLE_OK) {
    result.end = exchange.begin() ? HttpResult::End::complete : HttpResult::End::stopped;
  } else {
    result.end = end_of(code);
    result.reason = reason_of(code, details.data());
  }
  return result;
}

}  // namespace graft::store

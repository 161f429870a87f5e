// SPDX-License-Identifier: Apache-2.0
#include "store/network.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include "graft/base/folders.hpp"
#include "graft/base/text.hpp"

namespace graft::store {
namespace {

/// An interface other than the loopback is up and has an address. Also true where the system does not tell.
bool has_network() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return true;
  bool found = false;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const bool up = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!up || one->ifa_addr == nullptr) continue;
    const auto family = one->ifa_addr->sa_family;
    found = found || family == AF_INET || family == AF_INET6;
  }
  ::freeifaddrs(list);
  return found;
}

bool is_on_this_computer(const std::string& address) {
  constexpr std::array kLocal{"localhost", "127.", "[::1]", "file:"};
  return std::ranges::any_of(kLocal,
                             [&](const char* part) { return address.find(part) != std::string::npos; });
}

bool has_local_server() {
  constexpr std::array kVariables{"http_proxy", "https_proxy",   "all_proxy",
                                  "HTTP_PROXY", "HTTPS_PROXY",   "ALL_PROXY",
                                  "PIP_PROXY",  "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"};
  return std::ranges::any_of(kVariables,
                             [](const char* name) { return is_on_this_computer(environment(name)); });
}

/// Names of packages count as equal whichever of - _ . they have.
std::string normalised(std::string name) {
  for (char& c : name) {
    if (c == '-' || c == '.') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

bool has_package_here(const std::string& package) {
  for (const std::string& folder : split(environment("PIP_FIND_LINKS"), ' ')) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (normalised(entry->path().filename().string()).starts_with(normalised(package) + "_")) return true;
    }
  }
  return false;
}

}  // namespace

bool pip_can_find(const std::string& package) {
  return has_network() || has_local_server() || has_package_here(package);
}

}  // namespace graft::store

// SPDX-License-Identifier: Apache-2.0
// How many cores this process may use: affinity and the control group's CPU quota.
#include "base/cores.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <omp.h>

#include "graft/execution.hpp"

namespace graft {
namespace base {
namespace {

namespace fs = std::filesystem;

/// The first two words of a file; empty ones where there are none.
std::pair<std::string, std::string> two_words(const fs::path& file) {
  std::pair<std::string, std::string> words;
  std::ifstream(file) >> words.first >> words.second;
  return words;
}

std::optional<double> ratio(const std::string& quota, const std::string& period) {
  try {
    const double cores = std::stod(quota) / std::stod(period);
    if (std::isfinite(cores) && cores > 0) return cores;
  } catch (const std::logic_error&) {  // "max", or no number: no limit
  }
  return {};
}

std::optional<double> smaller(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// Smallest limit of the folder and those above it, up to the root of the hierarchy.
template <typename Limit>
std::optional<double> limit_up_from(const fs::path& root, const std::string& group, const Limit& limit) {
  std::optional<double> least = limit(root);
  fs::path folder = root;
  for (const fs::path& part : fs::path(group).relative_path()) {
    folder /= part;
    least = smaller(least, limit(folder));
  }
  return least;
}

std::optional<double> limit_v2(const fs::path& folder) {
  const auto [quota, period] = two_words(folder / "cpu.max");
  return ratio(quota, period);
}

std::optional<double> limit_v1(const fs::path& folder) {
  return ratio(two_words(folder / "cpu.cfs_quota_us").first, two_words(folder / "cpu.cfs_period_us").first);
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");  // lines "number:controllers:/path"
  std::optional<double> least;
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") {
      least = smaller(least, limit_up_from(root / "sys/fs/cgroup", group, limit_v2));
    } else if (controllers.find(",cpu,") != std::string::npos) {
      least = smaller(least, limit_up_from(root / "sys/fs/cgroup/cpu", group, limit_v1));
    }
  }
  return least;
}

}  // namespace base

int available_cores() {
  static const int cores = [] {
    const char* asked_for = std::getenv("OMP_NUM_THREADS");
    if (asked_for != nullptr && std::atoi(asked_for) > 0) return std::atoi(asked_for);
    const int most = std::max(1, omp_get_num_procs());  // those of the affinity mask
    const std::optional<double> quota = base::cpu_quota("/");
    if (!quota) return most;
    return std::clamp(static_cast<int>(std::min(std::ceil(*quota), 1e6)), 1, most);
  }();
  return cores;
}

}  // namespace graft

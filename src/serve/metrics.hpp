// SPDX-License-Identifier: Apache-2.0
// Counters in the text format of Prometheus (0.0.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace graft::serve {

/// Threads: may be used from any.
class Metrics {
 public:
  /// A request was answered. route: its path as in the API, so that the number of series is bounded.
  void answered(const std::string& route, unsigned status, double seconds);
  /// A thread decoded and computed a photo.
  void computed(const std::string& model, double seconds);
  /// A model was replaced by its new file.
  void reloaded(const std::string& model);

  /// What is known at the moment of asking.
  struct Now {
    std::size_t connections = 0, dropped = 0;
    std::map<std::string, std::size_t> queued;  ///< photos, by model
  };
  [[nodiscard]] std::string text(const Now& now) const;

 private:
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                         0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
  struct Histogram {
    std::array<std::uint64_t, kBounds.size()> at_most{};  ///< of each bound
    std::uint64_t count = 0;
    double sum = 0;
  };
  struct Computed {
    std::uint64_t photos = 0, reloads = 0;
    double seconds = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, unsigned>, std::uint64_t> requests_;
  std::map<std::string, Histogram> seconds_;  ///< by route
  std::map<std::string, Computed> models_;
};

}  // namespace graft::serve

// SPDX-License-Identifier: Apache-2.0
// Small pictures of photos, made when they are asked for and kept within a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <string>
#include <utility>

namespace graft::serve::studio {

/// Threads: get() may be called from any.
class Pictures {
 public:
  /// A WebP whose longer side has at most `side` pixels. Errors: as data::read_image.
  [[nodiscard]] std::string get(const std::filesystem::path& file, std::int64_t side);

 private:
  static constexpr std::size_t kMostBytes = std::size_t{24} << 20;
  using Kept = std::pair<std::string, std::string>;  ///< key and bytes

  std::mutex mutex_;
  std::list<Kept> kept_;  ///< the latest first
  std::size_t bytes_ = 0;
};

}  // namespace graft::serve::studio

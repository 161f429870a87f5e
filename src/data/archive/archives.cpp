// SPDX-License-Identifier: Apache-2.0
#include "data/archive/archives.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// Archives that stay open: each takes a descriptor and its index.
constexpr std::size_t kMostOpen = 256;

struct OpenArchive {
  std::shared_ptr<const formats::Archive> archive;
  std::uintmax_t size = 0;
  fs::file_time_type changed;
  std::uint64_t used = 0;
};

class Registry {
 public:
  std::shared_ptr<const formats::Archive> open(const fs::path& file) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    const fs::file_time_type changed = fs::last_write_time(file, error);
    const std::lock_guard lock(mutex_);
    OpenArchive& known = archives_[file.string()];
    if (known.archive == nullptr || known.size != size || known.changed != changed) {
      try {
        known = {.archive = formats::Archive::open(file), .size = size, .changed = changed};
      } catch (...) {
        archives_.erase(file.string());
        throw;
      }
    }
    known.used = ++clock_;
    std::shared_ptr<const formats::Archive> archive = known.archive;
    if (archives_.size() > kMostOpen) close_oldest();
    return archive;
  }

 private:
  void close_oldest() {
    auto oldest = archives_.begin();
    for (auto at = archives_.begin(); at != archives_.end(); ++at) {
      if (at->second.used < oldest->second.used) oldest = at;
    }
    archives_.erase(oldest);
  }

  std::mutex mutex_;
  std::map<std::string, OpenArchive> archives_;
  std::uint64_t clock_ = 0;
};

}  // namespace

std::shared_ptr<const formats::Archive> open_archive(const fs::path& file) {
  static Registry registry;
  return registry.open(file);
}

std::optional<InArchive> in_archive(const fs::path& path) {
  std::error_code error;
  fs::path inside = path.filename();
  for (fs::path above = path.parent_path(); !above.empty() && above != above.parent_path();
       above = above.parent_path()) {
    const fs::file_status status = fs::status(above, error);
    if (fs::is_regular_file(status)) return InArchive{above, inside.generic_string()};
    if (fs::is_directory(status)) return std::nullopt;
    inside = above.filename() / inside;
  }
  return std::nullopt;
}

}  // namespace graft::data

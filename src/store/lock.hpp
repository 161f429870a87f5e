// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

namespace graft {
inline namespace store {

/// A lock between processes and threads on one file, which is created; the system releases it when the
/// process ends, however it ends. Errors: Error{io}.
class FileLock {
 public:
  /// Waits until nobody else has the lock. waiting: called ten times a second meanwhile; false ends the wait
  /// with Error{interrupted}.
  explicit FileLock(const std::filesystem::path& path, const std::function<bool()>& waiting = {});
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Whether somebody holds the lock now.
  [[nodiscard]] static bool is_held(const std::filesystem::path& path);

 private:
  int descriptor_ = -1;
};

}  // namespace store
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "store/layout.hpp"
#include "store/lock.hpp"

namespace graft {
inline namespace store {

/// A name in the store's partial/ for a file or folder that this process works on. It is locked, so that
/// collect_garbage() leaves it alone, and removed at the end unless it was moved away.
class WorkFile {
 public:
  /// what: the beginning of the name. Error{io}.
  WorkFile(const Layout& layout, const std::string& what);
  ~WorkFile();
  WorkFile(const WorkFile&) = delete;
  WorkFile& operator=(const WorkFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  [[nodiscard]] std::filesystem::path lock_file() const;

  std::filesystem::path path_;
  FileLock lock_;
};

}  // namespace store
}  // namespace graft

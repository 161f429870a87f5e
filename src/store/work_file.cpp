// SPDX-License-Identifier: Apache-2.0
#include "store/work_file.hpp"

#include <atomic>

#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft::store {
namespace {

std::filesystem::path new_name(const Layout& layout, const std::string& what) {
  static std::atomic<unsigned> counter{0};
  make_folder(layout.partial());
  return layout.partial() / cat(what, "-", ::getpid(), "-", counter++, ".tmp");
}

}  // namespace

WorkFile::WorkFile(const Layout& layout, const std::string& what)
    : path_(new_name(layout, what)), lock_(lock_file()) {}

WorkFile::~WorkFile() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  std::filesystem::remove(lock_file(), ignored);
}

std::filesystem::path WorkFile::lock_file() const {
  std::filesystem::path lock = path_;
  return lock.replace_extension(".lock");
}

}  // namespace graft::store

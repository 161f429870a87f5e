// SPDX-License-Identifier: Apache-2.0
// Preloaded into graft by store_kill_test: the process ends, as if killed, before its call number
// GRAFT_TEST_KILL_AT that changes a file or folder. Of a write only half is written then.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr int kKilled = 137;

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// Whether this call is the last one.
bool is_time() {
  static const char* wanted = std::getenv("GRAFT_TEST_KILL_AT");
  static int calls = 0;
  return wanted != nullptr && ++calls == std::atoi(wanted);
}

void perhaps_end() {
  if (is_time()) _exit(kKilled);
}

bool is_file(int descriptor) {
  struct stat found {};
  return fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count) {
  static auto* original = next<ssize_t(int, const void*, size_t)>("write");
  if (descriptor > 2 && is_file(descriptor) && is_time()) {
    original(descriptor, bytes, count / 2);
    _exit(kKilled);
  }
  return original(descriptor, bytes, count);
}

int rename(const char* from, const char* to) noexcept {
  static auto* original = next<int(const char*, const char*)>("rename");
  perhaps_end();
  return original(from, to);
}

int symlink(const char* target, const char* path) noexcept {
  static auto* original = next<int(const char*, const char*)>("symlink");
  perhaps_end();
  return original(target, path);
}

int fsync(int descriptor) {
  static auto* original = next<int(int)>("fsync");
  perhaps_end();
  return original(descriptor);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* original = next<int(const char*, mode_t)>("mkdir");
  perhaps_end();
  return original(path, mode);
}

int remove(const char* path) noexcept {
  static auto* original = next<int(const char*)>("remove");
  perhaps_end();
  return original(path);
}

int chmod(const char* path, mode_t mode) noexcept {
  static auto* original = next<int(const char*, mode_t)>("chmod");
  perhaps_end();
  return original(path, mode);
}

}  // extern "C"

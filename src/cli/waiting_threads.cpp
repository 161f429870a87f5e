// SPDX-License-Identifier: Apache-2.0
// Limits how long the program's threads spin while they wait for each other (docs/decisions/0024).
//
// libgomp spins some 10 ms before a waiting thread sleeps. On a machine that is busy with other work the
// awaited thread often does not run meanwhile, so that two threads were 20 times slower than one. libgomp
// asks getenv() for the limit once, in its constructor, before main(), and has no function that changes it.
// The loader looks for a function in the program first, so libgomp asks the one below. Setting the variable
// in .preinit_array is too early: libc has no environment yet.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <unistd.h>

namespace {

char spins[] = "10000";  // about 0.5 ms: decision 24

char* find_variable(const char* name) {
  if (environ == nullptr) return nullptr;
  const std::size_t length = std::strlen(name);
  for (char** at = environ; *at != nullptr; ++at) {
    if (std::strncmp(*at, name, length) == 0 && (*at)[length] == '=') return *at + length + 1;
  }
  return nullptr;
}

}  // namespace

/// libc's getenv(), with a value for GOMP_SPINCOUNT where the user has set neither that nor OMP_WAIT_POLICY.
/// Thread-safety as libc's: not beside setenv().
extern "C" __attribute__((visibility("default"))) char* getenv(const char* name) noexcept {
  char* found = find_variable(name);
  if (found != nullptr || std::string_view(name) != "GOMP_SPINCOUNT") return found;
  return find_variable("OMP_WAIT_POLICY") == nullptr ? spins : nullptr;
}

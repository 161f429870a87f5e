// SPDX-License-Identifier: Apache-2.0
// Limits how long the program's threads spin while they wait for each other (docs/decisions/0024).
//
// libgomp spins some 10 ms before a waiting thread sleeps. On a machine that is busy with other work the
// awaited thread often does not run meanwhile, so that two threads were 20 times slower than one. libgomp
// reads the limit from the environment when it is loaded, before main() and all constructors. So the program
// starts itself again with the limit set, before its libraries are initialised: this takes a few ms.
#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>

#include <unistd.h>

namespace {

char limit[] = "GOMP_SPINCOUNT=10000";  // about 0.5 ms: decision 24
constexpr std::size_t kMostVariables = 4096;

/// True when the user has set how threads wait, or when the program has started itself again.
bool is_set(char** environment) {
  for (char** at = environment; *at != nullptr; ++at) {
    for (const char* name : {"GOMP_SPINCOUNT=", "OMP_WAIT_POLICY="}) {
      if (std::strncmp(*at, name, std::strlen(name)) == 0) return true;
    }
  }
  return false;
}

/// Runs before the constructors of all libraries, so nothing may be allocated. When something fails the
/// program continues; only waiting is slower.
void limit_spinning(int /*count*/, char** arguments, char** environment) {
  if (is_set(environment)) return;
  std::size_t count = 0;
  while (environment[count] != nullptr) ++count;
  static std::array<char*, kMostVariables> extended;
  if (count + 2 > extended.size()) return;
  std::memcpy(extended.data(), environment, count * sizeof(char*));
  extended[count] = limit;
  static std::array<char, 4096> program;
  const ssize_t length = readlink("/proc/self/exe", program.data(), program.size() - 1);
  if (length > 0) execve(program.data(), arguments, extended.data());
}

__attribute__((section(".preinit_array"), used)) void (*const kRunFirst)(int, char**,
                                                                         char**) = limit_spinning;

}  // namespace

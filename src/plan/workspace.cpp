// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/workspace.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

#include "plan/derived_weights.hpp"

namespace graft::plan {
namespace {

// Address space costs nothing until it is touched, and memory in use never has to move. Where address space
// is limited (ulimit -v), less is reserved.
constexpr std::size_t kMostReserved = std::size_t{1} << 40;
constexpr std::size_t kLeastReserved = std::size_t{1} << 28;
// Share of a limited address space: weights, features, libraries and other workspaces need the rest.
constexpr std::size_t kShare = 4;

/// Bytes of address space in use; 0 where the system does not report them.
std::size_t address_space_in_use() {
  std::size_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Bytes of address space that a workspace may reserve.
std::size_t most_to_reserve() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMostReserved;
  const std::size_t used = address_space_in_use();
  const std::size_t left = limit.rlim_cur > used ? static_cast<std::size_t>(limit.rlim_cur) - used : 0;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return std::clamp(left / kShare / page * page, kLeastReserved, kMostReserved);
}

}  // namespace

Workspace::Workspace() : derived_weights_(std::make_unique<DerivedWeights>()) {
  for (reserved_ = most_to_reserve(); reserved_ >= kLeastReserved; reserved_ /= 2) {
    void* memory = ::mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) continue;
    base_ = static_cast<std::byte*>(memory);
    return;
  }
  fail(ErrorKind::resource_limit, "cannot reserve address space for activations: ", std::strerror(errno));
}

Workspace::~Workspace() { ::munmap(base_, reserved_); }

std::byte* Workspace::reserve(std::size_t bytes) {
  if (bytes <= used_) return base_;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t wanted = (bytes + page - 1) / page * page;
  if (wanted < bytes || wanted > reserved_ || ::mprotect(base_, wanted, PROT_READ | PROT_WRITE) != 0) {
    fail(ErrorKind::resource_limit, "activations need ", bytes,
         " bytes, more than can be had; use a smaller batch or smaller images");
  }
  used_ = wanted;
  return base_;
}

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#include "graft/execution.hpp"

#include <atomic>

#include <omp.h>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"

namespace graft {
namespace {

std::atomic<int> default_threads{0};  // 0: available_cores()
std::atomic<DTypePolicy> default_policy{DTypePolicy::float32};
std::atomic<std::uint64_t> default_seed{0};

thread_local ExecutionScope* innermost_scope = nullptr;

constexpr DTypePolicy kPolicies[] = {DTypePolicy::float32, DTypePolicy::mixed_bfloat16, DTypePolicy::int8};

void check_threads(int count) {
  if (count < 1)
    fail(ErrorKind::invalid_argument, "number of threads: expected at least 1, received ", count);
}

/// Sets the number of threads of oneDNN, which reads OpenMP's. OpenMP keeps it per calling thread.
void set_openmp_threads(int count) {
  const int threads = ThreadLimit::limited(count);
  if (!in_parallel() && omp_get_max_threads() != threads) omp_set_num_threads(threads);
}

}  // namespace

std::string_view to_string(DTypePolicy policy) {
  switch (policy) {
    case DTypePolicy::float32:
      return "float32";
    case DTypePolicy::mixed_bfloat16:
      return "mixed_bfloat16";
    case DTypePolicy::int8:
      return "int8";
  }
  return "unknown";
}

DTypePolicy dtype_policy_from_name(std::string_view name) {
  for (const DTypePolicy policy : kPolicies) {
    if (name == to_string(policy)) return policy;
  }
  fail(ErrorKind::invalid_argument, "precision: expected float32, mixed_bfloat16 or int8, received '", name,
       "'");
}

int num_threads() {
  if (in_parallel()) return 1;
  if (innermost_scope != nullptr) return innermost_scope->settings_.threads;
  const int count = default_threads;
  return count > 0 ? count : available_cores();
}
DTypePolicy dtype_policy() {
  return innermost_scope != nullptr ? *innermost_scope->settings_.dtype_policy : default_policy.load();
}
std::uint64_t random_seed() {
  return innermost_scope != nullptr ? *innermost_scope->settings_.seed : default_seed.load();
}

void set_num_threads(int count) {
  check_threads(count);
  default_threads = count;
  if (innermost_scope == nullptr) set_openmp_threads(count);
}
void set_dtype_policy(DTypePolicy policy) { default_policy = policy; }
void set_random_seed(std::uint64_t seed) { default_seed = seed; }

ExecutionScope::ExecutionScope(const Execution& execution)
    : outer_(innermost_scope), settings_(resolved(execution)), openmp_threads_before_(omp_get_max_threads()) {
  check_threads(settings_.threads);
  set_openmp_threads(settings_.threads);
  innermost_scope = this;
}

ExecutionScope::~ExecutionScope() {
  innermost_scope = outer_;
  set_openmp_threads(openmp_threads_before_);
}

void ExecutionScope::set_dtype_policy(DTypePolicy policy) { settings_.dtype_policy = policy; }
void ExecutionScope::set_seed(std::uint64_t seed) { settings_.seed = seed; }
ExecutionScope* ExecutionScope::innermost() { return innermost_scope; }

Execution current_execution() { return resolved({}); }

Execution resolved(const Execution& execution) {
  return {.threads = execution.threads != 0 ? execution.threads : num_threads(),
          .dtype_policy = execution.dtype_policy.value_or(dtype_policy()),
          .seed = execution.seed.value_or(random_seed())};
}

}  // namespace graft

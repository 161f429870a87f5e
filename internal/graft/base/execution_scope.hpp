// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "graft/execution.hpp"

namespace graft {

/// While it lives, the calling thread computes with these settings; unset ones stay as they were. Scopes
/// nest; destroy them in reverse order, in the thread that made them.
class ExecutionScope {
 public:
  explicit ExecutionScope(const Execution& execution);
  ~ExecutionScope();
  ExecutionScope(const ExecutionScope&) = delete;
  ExecutionScope& operator=(const ExecutionScope&) = delete;

  /// Changes a setting of this scope, for what begins from now on.
  void set_dtype_policy(DTypePolicy policy);
  void set_seed(std::uint64_t seed);
  /// The innermost scope of the calling thread, or null.
  [[nodiscard]] static ExecutionScope* innermost();

 private:
  friend int num_threads();
  friend DTypePolicy dtype_policy();
  friend std::uint64_t random_seed();

  ExecutionScope* outer_;
  Execution settings_;  ///< with all fields set
  int openmp_threads_before_;
};

/// The settings of the calling thread with all fields set: a copy to compute with later or in another thread.
[[nodiscard]] Execution current_execution();
/// The same, where `execution` leaves a field unset.
[[nodiscard]] Execution resolved(const Execution& execution);

}  // namespace graft

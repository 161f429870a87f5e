// SPDX-License-Identifier: Apache-2.0
// Process defaults are seen by every thread; a scope's settings by its own thread only.
#include "graft/execution.hpp"

#include <thread>

#include <gtest/gtest.h>
#include <omp.h>

#include "graft/base/execution_scope.hpp"
#include "graft/error.hpp"

namespace graft {
namespace {

/// Returns f()'s result, computed in a new thread.
template <typename F>
auto in_new_thread(const F& f) {
  decltype(f()) result{};
  std::thread([&] { result = f(); }).join();
  return result;
}

class Defaults : public testing::Test {
 protected:
  ~Defaults() override {
    set_num_threads(before_.threads);
    set_dtype_policy(*before_.dtype_policy);
    set_random_seed(*before_.seed);
  }

 private:
  Execution before_ = current_execution();
};

TEST_F(Defaults, ThreadCountSetInOneThreadIsUsedInAnother) {
  set_num_threads(7);
  EXPECT_EQ(num_threads(), 7);
  EXPECT_EQ(in_new_thread([] { return num_threads(); }), 7);
  in_new_thread([] {
    set_num_threads(5);
    return 0;
  });
  EXPECT_EQ(num_threads(), 5);
}

TEST_F(Defaults, AComputationInAnotherThreadSetsOpenMPsThreadCount) {
  set_num_threads(7);
  EXPECT_EQ(in_new_thread([] {
              const ExecutionScope scope({});
              return omp_get_max_threads();
            }),
            7);
}

TEST_F(Defaults, PolicyAndSeedSetInOneThreadAreUsedInAnother) {
  set_dtype_policy(DTypePolicy::mixed_bfloat16);
  set_random_seed(42);
  EXPECT_EQ(in_new_thread([] { return dtype_policy(); }), DTypePolicy::mixed_bfloat16);
  EXPECT_EQ(in_new_thread([] { return random_seed(); }), 42U);
}

TEST_F(Defaults, AScopeIsSeenByItsThreadOnlyAndEndsWithItsLife) {
  set_num_threads(2);
  const int openmp_before = omp_get_max_threads();
  {
    const ExecutionScope scope({.threads = 3, .dtype_policy = DTypePolicy::mixed_bfloat16, .seed = 9});
    EXPECT_EQ(num_threads(), 3);
    EXPECT_EQ(dtype_policy(), DTypePolicy::mixed_bfloat16);
    EXPECT_EQ(random_seed(), 9U);
    EXPECT_EQ(in_new_thread([] { return num_threads(); }), 2);
    EXPECT_EQ(in_new_thread([] { return dtype_policy(); }), DTypePolicy::float32);
    EXPECT_EQ(in_new_thread([] { return random_seed(); }), 0U);
  }
  EXPECT_EQ(num_threads(), 2);
  EXPECT_EQ(dtype_policy(), DTypePolicy::float32);
  EXPECT_EQ(random_seed(), 0U);
  EXPECT_EQ(omp_get_max_threads(), openmp_before);
}

TEST_F(Defaults, AnInnerScopeKeepsWhatItLeavesUnset) {
  const ExecutionScope outer({.threads = 3, .seed = 9});
  const ExecutionScope inner({.dtype_policy = DTypePolicy::mixed_bfloat16});
  EXPECT_EQ(num_threads(), 3);
  EXPECT_EQ(random_seed(), 9U);
  EXPECT_EQ(dtype_policy(), DTypePolicy::mixed_bfloat16);
}

TEST_F(Defaults, ADefaultSetInsideAScopeDoesNotChangeTheScope) {
  set_num_threads(2);
  {
    const ExecutionScope scope({.threads = 3});
    set_num_threads(5);
    EXPECT_EQ(num_threads(), 3);
  }
  EXPECT_EQ(num_threads(), 5);
}

TEST(ExecutionScope, RefusesNegativeThreadCounts) {
  EXPECT_THROW(ExecutionScope({.threads = -1}), Error);
  EXPECT_EQ(ExecutionScope::innermost(), nullptr);
}

}  // namespace
}  // namespace graft

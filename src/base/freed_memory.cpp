// SPDX-License-Identifier: Apache-2.0
#include "graft/base/freed_memory.hpp"

#if defined(__linux__)
#include <features.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace graft {

void give_back_freed_memory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#include "graft/base/parallel.hpp"

#include <algorithm>

#include <omp.h>

#include "graft/error.hpp"

namespace graft {

void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const std::size_t most = (count + std::max<std::size_t>(grain, 1) - 1) / std::max<std::size_t>(grain, 1);
  const std::size_t parts = std::min<std::size_t>(most, static_cast<std::size_t>(num_threads()));
  if (parts <= 1 || omp_in_parallel() != 0) {
    body(0, count);
    return;
  }
  // The same thread pool that oneDNN uses: a second pool would compete for the cores.
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(parts))
  for (std::size_t part = 0; part < parts; ++part) body(count * part / parts, count * (part + 1) / parts);
}

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "graft/ops/graph.hpp"

namespace graft::plan {

/// A value that is made from weights alone, such as a kernel with a BatchNormalization folded in: kept from
/// run to run.
struct DerivedWeight {
  std::shared_ptr<void> memory;
  std::uint64_t made_of = 0;  ///< sum of the versions of what it was made of; 0: not made yet
  std::uint64_t version = 0;  ///< how often it was made
};

/// Those of the plans of one workspace: what several plans make of the same weights is there once, and is
/// made once for all of them. Threads: as the workspace.
class DerivedWeights {
 public:
  /// Output number `output` of an op whose inputs are made from weights alone.
  [[nodiscard]] std::shared_ptr<DerivedWeight> find_or_make(const ops::Op& op, std::size_t output,
                                                            const ops::Graph& graph);

 private:
  using Key = std::vector<std::uintptr_t>;
  std::map<Key, std::weak_ptr<DerivedWeight>> known_;
};

}  // namespace graft::plan

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "graft/extend/graph.hpp"

namespace graft::plan {

/// A value that is computed from weights only, such as a kernel with a folded BatchNormalization: kept from
/// run to run.
struct DerivedWeight {
  std::shared_ptr<void> memory;
  std::uint64_t made_of = 0;  ///< sum of the versions of its sources; 0: not computed yet
  std::uint64_t version = 0;  ///< how often it was computed
};

/// The derived weights of all plans of one workspace: plans that compute the same from the same weights share
/// one value, computed once. Threads: as the workspace.
class DerivedWeights {
 public:
  /// Output number `output` of an op whose inputs are made from weights only.
  [[nodiscard]] std::shared_ptr<DerivedWeight> find_or_make(const ops::Op& op, std::size_t output,
                                                            const ops::Graph& graph);

 private:
  using Key = std::vector<std::uintptr_t>;
  std::map<Key, std::weak_ptr<DerivedWeight>> known_;
};

}  // namespace graft::plan

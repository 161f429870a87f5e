// SPDX-License-Identifier: Apache-2.0
// Heads on a frozen network: on its last features and on several depths, taught with further views of
// the photos or without, as unseen photos say. What `graft train` puts on the network and `graft advise`
// measures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/head/head_choice.hpp"

namespace graft::inline transfer {

/// A head's mean loss on unseen photos, taught with further views of the photos (mirrored, and more where
/// more are asked for) and without. They are left out where they do clear harm.
struct FurtherViews {
  bool tried = false;  ///< false where there are none
  bool recommended = false;
  double loss_with = 0, loss_without = 0;
};

struct DepthHeads {
  std::vector<HeadData> depths;  ///< the base's output first; without further views where those do harm
  FurtherViews views;
  HeadChoice last;                    ///< on the base's output
  std::optional<HeadChoice> several;  ///< on all of head_depths(), where that is clearly better
  Json tried_on_several;              ///< null: not tried
  JoinedFeatures joined;

  [[nodiscard]] const HeadChoice& chosen() const { return several ? *several : last; }
  /// The chosen one, for features as the network gives them.
  [[nodiscard]] LinearHead head() const;
  /// Solved once more, with the validation photos added.
  [[nodiscard]] LinearHead head_of_all() const;
};

/// depths: of head_depths(). The head on several depths is taken where unseen photos'
/// losses are clearly lower and its errors no more. Empty heads when the reporter asks to stop.
[[nodiscard]] DepthHeads solve_heads(std::vector<HeadData> depths, Reporter& reporter);

}  // namespace graft::inline transfer

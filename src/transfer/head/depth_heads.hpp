// SPDX-License-Identifier: Apache-2.0
// Heads on a frozen network: on its last features and on several depths, solved with further views of
// the photos or without, as unseen photos decide. What `graft train` puts on the network and `graft advise`
// measures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transfer/context/reporter.hpp"
#include "transfer/head/head_choice.hpp"

namespace graft {
inline namespace transfer {

/// A head's mean loss on unseen photos, solved with further views of the photos (mirrored, and more where
/// wanted) and without. They are left out where they clearly harm.
struct FurtherViews {
  bool tried = false;  ///< false where there are none
  bool recommended = false;
  double loss_with = 0, loss_without = 0;
};

struct DepthHeads {
  std::vector<HeadData> depths;  ///< the base's output first; without further views where those do harm
  FurtherViews views;
  HeadChoice last;                              ///< on the base's output
  std::optional<HeadChoice> several;            ///< on all of head_depths(), where that is clearly better
  std::vector<TriedStrength> tried_on_several;  ///< empty: not tried
  JoinedFeatures joined;

  [[nodiscard]] const HeadChoice& chosen() const { return several ? *several : last; }
  /// The chosen one, for features as the network returns them.
  [[nodiscard]] LinearHead head() const;
  /// Solved once more, with the validation photos added.
  [[nodiscard]] LinearHead head_of_all() const;
  /// Answers for training and validation photos by heads of the chosen kind: see answers_for_all().
  [[nodiscard]] UnseenAnswers unseen_answers() const;
};

/// depths: of head_depths(). The head on several depths is taken where unseen photos'
/// losses are clearly lower and its errors no more. Empty heads when the reporter asks to stop.
[[nodiscard]] DepthHeads solve_heads(std::vector<HeadData> depths, Reporter& reporter);

}  // namespace transfer
}  // namespace graft

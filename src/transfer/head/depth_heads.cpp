// SPDX-License-Identifier: Apache-2.0
#include "transfer/head/depth_heads.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/measure/comparison.hpp"

namespace graft::transfer {
namespace {

/// Trains without further views where those do harm, and scores again.
void choose_views(DepthHeads& heads, Reporter& reporter) {
  const HeadData& last = heads.depths.front();
  if (last.train.shape()[0] == static_cast<std::int64_t>(last.train_labels.size())) return;
  const HeadTrial plain = try_strength(plain_alone(heads.depths.front()), heads.last.best.l2);
  const bool harmful = clearly_lower(heads.last.best.losses, plain.losses);
  heads.views = {.tried = true,
                 .recommended = !harmful,
                 .loss_with = heads.last.best.loss(),
                 .loss_without = plain.loss()};
  if (!harmful) return;
  for (HeadData& depth : heads.depths) depth = plain_alone(depth);
  heads.last = choose_head(heads.depths.front(), reporter, "head, photos as they are");
}

void try_several_depths(DepthHeads& heads, Reporter& reporter) {
  JoinedFeatures joined = join_depths(heads.depths);
  HeadChoice several = choose_head(joined.data, reporter, "head, several depths");
  heads.tried_on_several = several.tried;
  if (!clearly_lower(heads.last.best.losses, several.best.losses) ||
      several.trial.errors() > heads.last.trial.errors())
    return;
  heads.several = std::move(several);
  heads.joined = std::move(joined);
}

}  // namespace

LinearHead DepthHeads::head() const { return several ? joined.unscaled(several->head) : last.head; }

LinearHead DepthHeads::head_of_all() const {
  return several ? joined.unscaled(solve_on_all(joined.data, several->trial.l2))
                 : solve_on_all(depths.front(), last.trial.l2);
}

UnseenAnswers DepthHeads::unseen_answers() const {
  return several ? answers_for_all(joined.data, *several) : answers_for_all(depths.front(), last);
}

DepthHeads solve_heads(std::vector<HeadData> depths, Reporter& reporter) {
  DepthHeads heads{.depths = std::move(depths)};
  heads.last = choose_head(heads.depths.front(), reporter, "head");
  if (!reporter.stopped()) choose_views(heads, reporter);
  if (heads.depths.size() > 1 && !reporter.stopped()) try_several_depths(heads, reporter);
  return heads;
}

}  // namespace graft::transfer

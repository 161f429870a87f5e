// SPDX-License-Identifier: Apache-2.0
#include "transfer/advise/depth_scores.hpp"

#include <algorithm>
#include <array>

#include "graft/models/functional_model.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kPositions = {0.85, 0.6, 0.4, 0.2};  // of the network's layers

double position_of(const Model& base, const std::string& layer) {
  const auto all = base.layers();
  const auto found = std::ranges::find(all, layer, [](const Layer& one) { return one.name(); });
  return static_cast<double>(found - all.begin() + 1) / static_cast<double>(all.size());
}

/// The depths that a head may use, and a few more to look at; all but the first from the end to the
/// beginning.
std::vector<SymbolicTensor> depths_to_score(const Model& base) {
  std::vector<SymbolicTensor> depths = head_depths(base);
  const std::vector<Cut> cuts = cuts_of(base);
  for (const double wanted : kPositions) {
    const auto found = std::find_if(cuts.rbegin(), cuts.rend(), [&](const Cut& cut) {
      return cut.tensor.shape.rank() == 4 && position_of(base, cut.tensor.layer->name()) <= wanted;
    });
    if (found == cuts.rend()) continue;
    const bool known = std::ranges::any_of(
        depths, [&](const SymbolicTensor& depth) { return depth.layer == found->tensor.layer; });
    if (!known) depths.push_back(found->tensor);
  }
  return depths;
}

DepthScore score_of(const BaseModel& base, const SymbolicTensor& depth, const HeadTrial& trial) {
  const std::string layer = depth.layer->name();
  return {.layer = layer,
          .position = position_of(base.model, layer),
          .accuracy = 1 - trial.error_share(),
          .loss = trial.loss()};
}

}  // namespace

void score_depths(Advice& advice, const TrialGround& ground, const BaseModel& base) {
  const RunContext& run = ground.run;
  const std::vector<SymbolicTensor> depths = depths_to_score(base.model);
  FrozenPhotos photos(
      run, base, ground.teaching,
      {.depths = depths, .views = automatic_options(run.options).views, .cache = run.options.disk_cache});
  const std::vector<HeadData> data = photos.at_depths();
  const auto for_head = static_cast<std::ptrdiff_t>(head_depths(base.model).size());
  const DepthHeads heads = solve_heads({data.begin(), data.begin() + for_head}, run.reporter);
  advice.depths.push_back(score_of(base, depths.front(), heads.last.best));
  for (std::size_t i = 1; i < depths.size(); ++i) {
    const HeadData seen = heads.views.recommended ? data[i] : plain_alone(data[i]);
    advice.depths.push_back(score_of(base, depths[i], choose_head(seen, run.reporter, "depths").best));
  }
  std::ranges::sort(advice.depths, std::ranges::greater{}, &DepthScore::position);
  advice.several_depths = heads.several.has_value();
  advice.mirror = heads.views.recommended;
  advice.loss_mirrored = heads.views.loss_with;
  advice.loss_plain = heads.views.loss_without;
}

}  // namespace graft::transfer

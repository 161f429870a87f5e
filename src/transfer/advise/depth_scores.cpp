// SPDX-License-Identifier: Apache-2.0
#include "transfer/advise/depth_scores.hpp"

#include <algorithm>
#include <array>

#include "graft/base/error.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/classifier_graph.hpp"
#include "transfer/comparison.hpp"
#include "transfer/head_choice.hpp"

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

std::vector<HeadData> at_depths(const TrialGround& ground, const BaseModel& base,
                                const std::vector<SymbolicTensor>& depths) {
  Reporter& reporter = ground.run.reporter;
  const Model features = build_features(base, ground.run.result.image_size, depths, std::nullopt);
  FeatureRequest request{.model = features,
                         .stage = "features",
                         .mirrored = true,
                         .cache = ground.options.disk_cache,
                         .label = feature_label(*base.application, ground.run.result.image_size)};
  const auto taught = all_features(request, ground.taught, reporter);
  request.mirrored = false;
  const auto judged = all_features(request, ground.judged, reporter);
  std::vector<HeadData> all;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    all.push_back({.train = taught[i],
                   .validation = judged[i],
                   .train_labels = ground.taught.labels(),
                   .validation_labels = ground.judged.labels(),
                   .classes = ground.run.photos.class_names.size(),
                   .seed = ground.options.seed});
  }
  return all;
}

DepthScore score_of(const BaseModel& base, const SymbolicTensor& depth, const HeadTrial& trial) {
  const std::string layer = depth.layer->name();
  return {.layer = layer,
          .position = position_of(base.model, layer),
          .accuracy = 1 - trial.errors() / static_cast<double>(trial.wrong.size()),
          .loss = trial.loss()};
}

/// The same photos without the mirrored ones: the plain ones twice.
HeadData without_mirrored(const HeadData& data) {
  const std::int64_t photos = data.train.shape()[0] / 2;
  HeadData plain = data;
  const Tensor once = data.train.slice(0, photos);
  plain.train = stack(once, once);
  return plain;
}

}  // namespace

void score_depths(Advice& advice, const TrialGround& ground, const BaseModel& base) {
  const std::vector<SymbolicTensor> depths = depths_to_score(base.model);
  const std::size_t for_head = head_depths(base.model).size();
  std::vector<HeadData> data = at_depths(ground, base, depths);
  Reporter& reporter = ground.run.reporter;
  HeadChoice last;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    HeadChoice choice = choose_head(data[i], reporter, "depths");
    advice.depths.push_back(score_of(base, depths[i], choice.best));
    if (i == 0) last = std::move(choice);
  }
  std::ranges::sort(advice.depths, std::ranges::greater{}, &DepthScore::position);
  const HeadChoice plain = choose_head(without_mirrored(data.front()), reporter, "without mirrored photos");
  advice.loss_plain = plain.best.loss();
  advice.loss_mirrored = last.best.loss();
  advice.mirror = !clearly_lower(last.best.losses, plain.best.losses);
  if (for_head < 2) return;
  data.resize(for_head);
  const HeadChoice several = choose_head(join_depths(data).data, reporter, "several depths");
  advice.several_depths =
      clearly_lower(last.best.losses, several.best.losses) && several.trial.errors() <= last.trial.errors();
}

}  // namespace graft::transfer

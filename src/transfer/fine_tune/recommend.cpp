// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/recommend.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/measure/comparison.hpp"

namespace graft::transfer {
namespace {

/// Share of the way from guessing to perfection that frozen features must reach to count as similar.
constexpr double kSimilar = 0.85;
constexpr double kManyPerClass = 200;
constexpr std::array kPart = {Strategy::freeze_part};
constexpr std::array kPartThenAll = {Strategy::freeze_part, Strategy::train_everything};

/// With three digits after the point.
std::string rounded(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

double above_chance(double accuracy, std::size_t classes) {
  const double chance = 1 / static_cast<double>(std::max<std::size_t>(classes, 2));
  return (accuracy - chance) / (1 - chance);
}

std::string quadrant(const Advice& advice) {
  if (advice.many && advice.similar)
    return "many photos, like those the network knows: train part of it, or only a head";
  if (advice.many) return "many photos, unlike those the network knows: train most or all of it";
  if (advice.similar)
    return "few photos, like those the network knows: train a head, leave the network as it is";
  return "few photos, unlike those the network knows: train part of it, gently";
}

void explain_place(Advice& advice) {
  const DepthScore& last = advice.depths.front();
  advice.why.push_back(cat(advice.photos, " photos of ", advice.class_names.size(), " classes, ",
                           std::lround(advice.photos_per_class), " a class: ", advice.many ? "many" : "few",
                           " (many are 200 or more)"));
  advice.why.push_back(cat("the frozen network's last features alone tell ", percent(last.accuracy),
                           " of unseen photos right: the photos are ", advice.similar ? "like" : "unlike",
                           " what the network knows"));
  if (advice.several_depths)
    advice.why.emplace_back(
        "several depths side by side tell them clearly better apart than the last one: the head should look "
        "at them all");
  advice.why.push_back(cat("by the rule of thumb: ", quadrant(advice)));
}

void explain_trials(Advice& advice) {
  const StrategyTrial& head = advice.trials.front();
  const StrategyTrial& chosen = advice.trials.at(static_cast<std::size_t>(advice.recommended));
  if (advice.recommended == Strategy::freeze_base) {
    advice.why.push_back(cat("tried for a short while, neither training a part nor training everything told ",
                             head.judged,
                             " unseen photos clearly better apart than a head on the frozen network (",
                             percent(head.accuracy), ")"));
    return;
  }
  advice.why.push_back(cat("tried for a short while with ", chosen.photos, " photos, to ",
                           to_string(advice.recommended), " got ", percent(chosen.accuracy), " of ",
                           chosen.judged, " unseen photos right, a head alone ", percent(head.accuracy),
                           ": more than chance"));
}

}  // namespace

std::string_view to_string(Strategy strategy) {
  switch (strategy) {
    case Strategy::freeze_base:
      return "freeze the whole base";
    case Strategy::freeze_part:
      return "freeze part";
    case Strategy::train_everything:
      return "train everything";
  }
  return "";
}

Place place_of(std::size_t photos, std::size_t classes, double accuracy) {
  Place place{.photos_per_class =
                  static_cast<double>(photos) / static_cast<double>(std::max<std::size_t>(classes, 1))};
  place.many = place.photos_per_class >= kManyPerClass;
  place.similar = above_chance(accuracy, classes) >= kSimilar;
  return place;
}

std::span<const Strategy> worth_trying(const Place& place) {
  if (place.many && !place.similar) return kPartThenAll;
  return kPart;
}

void recommend(Advice& advice, std::vector<TrialResult> trials) {
  const Place place = place_of(advice.photos, advice.class_names.size(), advice.depths.front().accuracy);
  advice.photos_per_class = place.photos_per_class;
  advice.many = place.many;
  advice.similar = place.similar;
  const RowScores* chosen = &trials.front().scores;
  const bool worth = std::ranges::count(chosen->wrong, 1.0) >= static_cast<std::ptrdiff_t>(kFewErrors);
  for (TrialResult& result : trials) {
    result.trial.clearly_better = worth && clearly_better(trials.front().scores, result.scores);
    advice.trials.push_back(result.trial);
    // What trains more must be better than what trains less, not only than the head.
    if (!result.trial.clearly_better || !clearly_better(*chosen, result.scores)) continue;
    chosen = &result.scores;
    advice.recommended = result.trial.strategy;
  }
  const StrategyTrial& trial = advice.trials.at(static_cast<std::size_t>(advice.recommended));
  advice.first_layer = trial.first_layer;
  advice.learning_rate = trial.learning_rate;
  explain_place(advice);
  explain_trials(advice);
  advice.why.push_back(cat("photos mirrored left to right as well: a head's loss on unseen photos is ",
                           rounded(advice.loss_mirrored), " with them, ", rounded(advice.loss_plain),
                           " without", advice.mirror ? "" : "; leave them out"));
}

Strategy best_of(const std::vector<StrategyTrial>& outcomes) {
  const auto found = std::ranges::max_element(outcomes, {}, &StrategyTrial::accuracy);
  return found->strategy;
}

}  // namespace graft::transfer

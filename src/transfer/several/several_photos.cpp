// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_photos.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/several_split.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

constexpr double kSeveralValidation = 0.15, kSeveralTest = 0.15;
constexpr std::size_t kSeveralFolds = 5, kMostSeveralFolded = 5000;

template <typename... Parts>
void refuse_with_several(bool given, const char* option, const Parts&... why) {
  if (!given) return;
  fail_option(ErrorKind::unsupported, option, option, ": not possible with several labels on a photo", why...,
              "; leave it out");
}

}  // namespace

void check_several_options(const TrainOptions& options) {
  const bool solves = is_recipe<AutomaticRecipe>(options) || is_recipe<HeadRecipe>(options);
  refuse_with_several(!solves, is_recipe<ClassicalHeadRecipe>(options) ? "kinds" : "recipe",
                      ", which train by the recipe auto or head");
  const AutomaticRecipe recipe = automatic_options(options);
  refuse_with_several(recipe.budget.has_value(), "budget", ": the head alone is trained");
  refuse_with_several(recipe.always_fine_tune, "always_fine_tune", ": the head alone is trained");
  refuse_with_several(recipe.optimize.goal != Goal::accuracy, "optimize",
                      ", whose thresholds are chosen for the F1 of each class");
  refuse_with_several(options.calibrate.value_or(false), "calibrate");
  refuse_with_several(options.reject_accuracy.has_value(), "reject_accuracy");
  refuse_with_several(!options.min_recall.empty(), "min_recall");
  refuse_with_several(options.evaluation.folds > 0, "folds");
  refuse_with_several(options.evaluation.seeds > 1, "seeds");
  refuse_with_several(options.resume, "resume", ": nothing is kept between runs but the cache of features");
  refuse_with_several(options.model != kAutomaticModel && !networks_of(options).second.empty(), "model",
                      " are two networks: expected one");
}

Photos split_several(const PhotoPool& pool, const TrainOptions& options) {
  std::vector<std::vector<int>> labels;
  std::vector<std::size_t> groups;
  for (const std::size_t row : pool.usable) {
    labels.push_back(pool.train.label_sets()[row]);
    if (!pool.groups.empty()) groups.push_back(pool.groups[row]);
  }
  const double validation = pool.validation ? 0 : kSeveralValidation, test = pool.test ? 0 : kSeveralTest;
  const std::array fractions{1 - validation - test, validation, test};
  std::vector<std::vector<std::size_t>> parts =
      data::iterative_split({.labels = labels, .groups = groups, .seed = options.seed}, fractions);
  for (auto& part : parts) {
    for (std::size_t& i : part) i = pool.usable[i];
  }
  Photos photos =
      make_photos(pool, options, {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])}, false);
  photos.split_note = cat("split ", photos.train.size(), " train, ", photos.validation.size(),
                          " validation, ", photos.test.size(), " test, each with its share of every label",
                          groups.empty() ? "" : ", groups together", ", seed ", options.seed);
  const Tensor truth = truth_of(photos.train.label_sets(), photos.class_names.size());
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    bool any = false;
    for (std::size_t at = k; at < truth.data<float>().size() && !any; at += photos.class_names.size())
      any = truth.data<float>()[at] == 1;
    if (any) continue;
    fail(ErrorKind::invalid_argument, "no training photo that can be read has the label '",
         photos.class_names[k], "': add photos, or name the labels to learn (class_names)");
  }
  return photos;
}

Tensor truth_of(const std::vector<std::vector<int>>& label_sets, std::size_t classes) {
  Tensor truth({static_cast<std::int64_t>(label_sets.size()), static_cast<std::int64_t>(classes)});
  std::ranges::fill(truth.data<float>(), 0.0F);
  for (std::size_t i = 0; i < label_sets.size(); ++i) {
    for (const int label : label_sets[i])
      truth.data<float>()[i * classes + static_cast<std::size_t>(label)] = 1;
  }
  return truth;
}

std::vector<std::vector<std::size_t>> several_folds(const Photos& photos, std::uint64_t seed) {
  const std::size_t count = photos.train.size();
  if (count < 4 * kSeveralFolds || count > kMostSeveralFolded) return {};
  std::array<double, kSeveralFolds> equal{};
  equal.fill(1.0 / kSeveralFolds);
  auto folds = data::iterative_split(
      {.labels = photos.train.label_sets(), .groups = photos.train_groups, .seed = seed}, equal);
  std::erase_if(folds, [](const auto& fold) { return fold.empty(); });
  return folds.size() < 2 ? std::vector<std::vector<std::size_t>>{} : folds;
}

std::vector<double> positive_weights_of(const Tensor& truth, ClassWeight weight) {
  constexpr double kMost = 100;
  if (weight == ClassWeight::none) return {};
  const auto classes = static_cast<std::size_t>(truth.shape()[1]);
  const auto count = static_cast<double>(truth.shape()[0]);
  std::vector<double> weights;
  for (std::size_t k = 0; k < classes; ++k) {
    double positives = 0;
    for (std::size_t at = k; at < truth.data<float>().size(); at += classes)
      positives += static_cast<double>(truth.data<float>()[at]);
    weights.push_back(std::clamp((count - positives) / std::max(positives, 1.0), 1 / kMost, kMost));
  }
  return weights;
}

}  // namespace graft::transfer

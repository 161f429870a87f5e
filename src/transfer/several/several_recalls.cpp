// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_recalls.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {
namespace {

std::size_t photos_with(const data::Dataset& part, std::size_t label) {
  const std::vector<std::vector<int>> sets = part.label_sets();
  return static_cast<std::size_t>(std::ranges::count_if(sets, [&](const std::vector<int>& set) {
    return std::ranges::find(set, static_cast<int>(label)) != set.end();
  }));
}

/// Photos with a label and without it, and how many of each are given it.
struct GivenLabel {
  std::size_t having = 0, found = 0, others = 0, false_alarms = 0;
};

GivenLabel count_given(const Tensor& probabilities, const Tensor& truth, std::size_t label,
                       double threshold) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  GivenLabel counts;
  for (std::size_t at = label; at < truth.data<float>().size(); at += width) {
    const bool given = static_cast<double>(probabilities.data<float>()[at]) >= threshold;
    const bool has = truth.data<float>()[at] == 1;
    ++(has ? counts.having : counts.others);
    if (given) ++(has ? counts.found : counts.false_alarms);
  }
  return counts;
}

}  // namespace

std::vector<LabelRecall> label_recalls(const TrainOptions& options, const std::vector<std::string>& names) {
  std::vector<LabelRecall> recalls;
  for (const MinRecall& wanted : options.min_recall) {
    const auto found = std::ranges::find(names, wanted.class_name);
    if (found == names.end())
      fail_option(ErrorKind::not_found, "min_recall", "min_recall: there is no label '",
                  printable(wanted.class_name), "'; the labels are ",
                  comma_list(names, {}, kMostClassesNamed));
    recalls.push_back({.label = static_cast<std::size_t>(found - names.begin()), .wanted = wanted});
  }
  return recalls;
}

TrainOptions options_for_label_recalls(const TrainOptions& options, const Photos& photos, bool by_heads,
                                       Reporter& reporter) {
  const AutomaticRecipe recipe = automatic_options(options);
  TrainOptions changed = options;
  for (const LabelRecall& recall : label_recalls(options, photos.class_names)) {
    const std::size_t needed = fewest_for_recall(recall.wanted.recall);
    const std::size_t validation = photos_with(photos.validation, recall.label);
    const bool heads = by_heads && !recipe.always_fine_tune;
    const std::size_t at_most = validation + (heads ? photos_with(photos.train, recall.label) : 0);
    if (at_most < needed)
      fail_option(ErrorKind::invalid_argument, "min_recall", "min_recall: a recall of ",
                  percent(recall.wanted.recall), " of ", printable(recall.wanted.class_name),
                  " needs answers for at least ", needed,
                  " photos with the label by what was not trained on them; there are ", at_most,
                  heads ? "" : " (the validation photos)", ": add photos with the label, or ask for less");
    if (validation >= needed || !is_recipe<AutomaticRecipe>(changed)) continue;
    reporter.note(cat("not fine-tuned: a recall of ", percent(recall.wanted.recall), " of ",
                      printable(recall.wanted.class_name), " needs answers for ", needed,
                      " unseen photos with the label. The heads have them; of a fine-tuned network only the ",
                      validation, " validation photos would be unseen"));
    changed.recipe =
        HeadRecipe{.views = recipe.views, .class_weight = recipe.class_weight, .optimize = recipe.optimize};
  }
  return changed;
}

LoweredThresholds lower_for_recalls(const std::vector<LabelRecall>& recalls, const Tensor& probabilities,
                                    const Tensor& truth, std::vector<double>& thresholds) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  LoweredThresholds lowered;
  for (const LabelRecall& recall : recalls) {
    constexpr int kWithoutLabel = -1;
    std::vector<int> having;
    for (std::size_t at = recall.label; at < truth.data<float>().size(); at += width)
      having.push_back(truth.data<float>()[at] == 1 ? static_cast<int>(recall.label) : kWithoutLabel);
    double& threshold = thresholds.at(recall.label);
    const std::string name = printable(recall.wanted.class_name);
    try {
      threshold =
          std::min(threshold, find_recall_threshold(probabilities, having, recall.label, recall.wanted));
    } catch (const Error& error) {  // there were enough photos: the run was stopped
      lowered.notes.push_back(cat("no threshold for a recall of ", percent(recall.wanted.recall), " of ",
                                  name, ": ", error.what()));
      continue;
    }
    lowered.rules.push_back({.wanted = recall.wanted, .index = recall.label, .threshold = threshold});
    const GivenLabel counts = count_given(probabilities, truth, recall.label, threshold);
    lowered.notes.push_back(cat("wanted: a recall of ", percent(recall.wanted.recall), " of ", name,
                                "; chosen on answers for ", truth.shape()[0], " unseen photos: given from ",
                                percent(threshold), " on, to ", counts.found, " of ", counts.having,
                                " photos that have it, and to ", counts.false_alarms, " of ", counts.others,
                                " others"));
  }
  return lowered;
}

}  // namespace graft::transfer

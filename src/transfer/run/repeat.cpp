// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/repeat.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

std::size_t right_of(const TrainResult& result) {
  std::int64_t right = 0;
  for (std::size_t k = 0; k < result.confusion.size(); ++k) right += result.confusion[k][k];
  return static_cast<std::size_t>(right);
}

std::string in_words(const Spread& spread) {
  return cat(percent(spread.mean), " on average, standard deviation of a single one ",
             percent(spread.deviation), ", from ", percent(spread.lowest), " to ", percent(spread.highest));
}

class Repeater {
 public:
  Repeater(const PhotoPool& pool, const TrainOptions& options, const RunOnce& run)
      : pool_(pool), options_(options), run_(run), reporter_(options) {}

  [[nodiscard]] const std::vector<std::string>& notes() const { return reporter_.notes(); }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Nothing when a stop was requested.
  [[nodiscard]] std::optional<FoldedRuns> folds() {
    const auto parts = fold_pool(pool_, options_);
    std::vector<double> accuracies;
    std::size_t right = 0;
    std::size_t all = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const TrainOptions options = quiet(cat("fold ", i + 1, "/", parts.size()), options_.seed);
      const auto one = run_one(parts_of_fold(pool_, options, parts[i]), options);
      if (!one) return std::nullopt;
      accuracies.push_back(one->test_accuracy);
      right += right_of(*one);
      all += parts[i].size();
    }
    const Interval interval = wilson_interval(right, all);
    FoldedRuns folds{.runs = {.accuracies = accuracies, .spread = spread_of(accuracies)},
                     .photos = all,
                     .accuracy = static_cast<double>(right) / static_cast<double>(all),
                     .interval = interval};
    reporter_.note(cat(parts.size(), " folds, each trained on the others: ", in_words(folds.runs.spread),
                       "; of all ", all, " photos ", percent(folds.accuracy), " (95 % interval ",
                       percent(interval.low), " to ", percent(interval.high), ")"));
    return folds;
  }

  /// first: test accuracy with the first seed. Nothing when a stop was requested.
  [[nodiscard]] std::optional<RepeatedRuns> seeds(double first, bool keras_split) {
    std::vector<double> accuracies{first};
    for (std::size_t i = 1; i < options_.evaluation.seeds; ++i) {
      const TrainOptions options =
          quiet(cat("seed ", i + 1, "/", options_.evaluation.seeds), options_.seed + i);
      const auto one = run_one(split_pool(pool_, options, keras_split), options);
      if (!one) return std::nullopt;
      accuracies.push_back(one->test_accuracy);
    }
    const Spread spread = spread_of(accuracies);
    reporter_.note(cat(accuracies.size(), " seeds from ", options_.seed,
                       " on, each with its own split: ", in_words(spread)));
    return RepeatedRuns{.accuracies = accuracies, .spread = spread};
  }

 private:
  /// The same run without what only the first one keeps and reports.
  [[nodiscard]] TrainOptions quiet(const std::string& name, std::uint64_t seed) {
    TrainOptions options = options_;
    options.seed = seed;
    options.checkpoint.clear();
    options.early_model.clear();
    options.resume = false;
    options.min_recall.clear();  // of the first run, whose model is saved
    options.progress = [this, name](const Progress& progress) {
      if (!progress.line.empty()) return !reporter_.stopped();
      return reporter_.update(name + ", " + progress.stage, progress.done, progress.total, progress.unit);
    };
    return options;
  }

  /// Nothing when a stop was requested.
  [[nodiscard]] std::optional<TrainResult> run_one(const Photos& photos, const TrainOptions& options) {
    try {
      Reporter reporter(options);
      TrainResult one = run_(photos, options, reporter);
      if (!reporter_.stopped()) return one;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::interrupted) throw;
    }
    stopped_ = true;
    return std::nullopt;
  }

  const PhotoPool& pool_;
  const TrainOptions& options_;
  const RunOnce& run_;
  Reporter reporter_;
  bool stopped_ = false;
};

}  // namespace

RepeatedResults repeat_runs(const TrainResult& first, const PhotoPool& pool, const TrainOptions& options,
                            const RunOnce& run) {
  Repeater repeater(pool, options, run);
  RepeatedResults results;
  if (options.evaluation.folds > 0 && !first.stopped) results.folds = repeater.folds();
  if (options.evaluation.seeds > 1 && !first.stopped && !repeater.stopped())
    results.seeds = repeater.seeds(first.test_accuracy, is_recipe<TutorialRecipe>(options));
  results.notes = repeater.notes();
  results.stopped = repeater.stopped();
  return results;
}

}  // namespace graft::transfer

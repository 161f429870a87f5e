// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/repeat.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"

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

Json spread_json(const std::vector<double>& accuracies) {
  const Spread spread = spread_of(accuracies);
  return {{"count", accuracies.size()},    {"accuracies", accuracies}, {"mean", spread.mean},
          {"deviation", spread.deviation}, {"lowest", spread.lowest},  {"highest", spread.highest}};
}

std::string in_words(const Json& spread) {
  return cat(percent(spread["mean"].get<double>()), " on average, deviation ",
             percent(spread["deviation"].get<double>()), ", from ", percent(spread["lowest"].get<double>()),
             " to ", percent(spread["highest"].get<double>()));
}

class Repeater {
 public:
  Repeater(TrainResult& result, const PhotoPool& pool, const TrainOptions& options, const RunOnce& run)
      : result_(result), pool_(pool), options_(options), run_(run), reporter_(options) {}

  void folds() {
    const auto parts = fold_pool(pool_, options_);
    std::vector<double> accuracies;
    std::size_t right = 0;
    std::size_t all = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const TrainOptions options = quiet(cat("fold ", i + 1, "/", parts.size()), options_.seed);
      const auto one = run_one(parts_of_fold(pool_, options, parts[i]), options);
      if (!one) return;
      accuracies.push_back(one->test_accuracy);
      right += right_of(*one);
      all += parts[i].size();
    }
    const Interval interval = wilson_interval(right, all);
    Json json = spread_json(accuracies);
    json["photos"] = all;
    json["accuracy"] = static_cast<double>(right) / static_cast<double>(all);
    json["interval"] = {interval.low, interval.high};
    note(cat(parts.size(), " folds, each trained on the others: ", in_words(json), "; of all ", all,
             " photos ", percent(json["accuracy"].get<double>()), " (95 % interval ", percent(interval.low),
             " to ", percent(interval.high), ")"));
    (*result_.facts)["folds"] = std::move(json);
  }

  void seeds(bool keras_split) {
    std::vector<double> accuracies{result_.test_accuracy};
    for (std::size_t i = 1; i < options_.evaluation.seeds; ++i) {
      const TrainOptions options =
          quiet(cat("seed ", i + 1, "/", options_.evaluation.seeds), options_.seed + i);
      const auto one = run_one(split_pool(pool_, options, keras_split), options);
      if (!one) return;
      accuracies.push_back(one->test_accuracy);
    }
    Json json = spread_json(accuracies);
    note(cat(accuracies.size(), " seeds from ", options_.seed,
             " on, each with its own split: ", in_words(json)));
    (*result_.facts)["seeds"] = std::move(json);
  }

 private:
  /// The same run without what only the first one keeps and reports.
  [[nodiscard]] TrainOptions quiet(const std::string& name, std::uint64_t seed) {
    TrainOptions options = options_;
    options.seed = seed;
    options.checkpoint.clear();
    options.resume = false;
    options.progress = [this, name](const Progress& progress) {
      if (!progress.line.empty()) return !reporter_.stopped();
      return reporter_.update(name + ", " + progress.stage, progress.done, progress.total, progress.unit);
    };
    return options;
  }

  /// Nothing when training was asked to stop.
  [[nodiscard]] std::optional<TrainResult> run_one(const Photos& photos, const TrainOptions& options) {
    try {
      Reporter reporter(options);
      TrainResult one = run_(photos, options, reporter);
      if (!reporter_.stopped()) return one;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::interrupted) throw;
    }
    result_.stopped = true;
    return std::nullopt;
  }

  void note(const std::string& line) { keep_note(result_, reporter_, line); }

  TrainResult& result_;
  const PhotoPool& pool_;
  const TrainOptions& options_;
  const RunOnce& run_;
  Reporter reporter_;
};

}  // namespace

void repeat_runs(TrainResult& result, const PhotoPool& pool, const TrainOptions& options,
                 const RunOnce& run) {
  Repeater repeater(result, pool, options, run);
  if (options.evaluation.folds > 0 && !result.stopped) repeater.folds();
  if (options.evaluation.seeds > 1 && !result.stopped)
    repeater.seeds(options.recipe == Recipe::tutorial && options.head.kinds.empty());
}

}  // namespace graft::transfer

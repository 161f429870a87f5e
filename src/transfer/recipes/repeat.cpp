// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/repeat.hpp"

#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

namespace graft::transfer {
namespace {

std::size_t right_of(const TrainResult& result) {
  return static_cast<std::size_t>(
      std::llround(result.test_accuracy * static_cast<double>(result.test_photos)));
}

std::string spread_in_words(const Spread& spread) {
  return cat(percent(spread.mean), " on average, standard deviation of a single one ",
             percent(spread.deviation), ", from ", percent(spread.lowest), " to ", percent(spread.highest));
}

/// What repeated runs came to, one after the other.
class Tally {
 public:
  void add(const TrainResult& one) {
    if (one.facts.numbers) {
      names_ = one.facts.numbers->names;
      std::vector<double>& errors = runs_.absolute_errors.emplace_back();
      for (const NumberFigures& number : one.facts.numbers->test)
        errors.push_back(number.mean_absolute_error);
      return;
    }
    runs_.accuracies.push_back(one.test_accuracy);
    if (one.facts.several) runs_.average_precisions.push_back(one.facts.several->test.mean_average_precision);
  }
  [[nodiscard]] RepeatedRuns runs() const {
    RepeatedRuns runs = runs_;
    runs.spread = spread_of(runs.accuracies);
    runs.average_precision = spread_of(runs.average_precisions);
    for (std::size_t k = 0; k < names_.size(); ++k) {
      std::vector<double> errors;
      for (const std::vector<double>& of_run : runs.absolute_errors) errors.push_back(of_run.at(k));
      runs.absolute_error.push_back(spread_of(errors));
    }
    return runs;
  }
  /// "80 % on average, ...", of several labels beside their mean average precision, of numbers their errors.
  [[nodiscard]] std::string in_words() const {
    const RepeatedRuns all = runs();
    if (names_.empty() && all.average_precisions.empty()) return spread_in_words(all.spread);
    if (names_.empty())
      return cat("all labels right ", spread_in_words(all.spread), "; mean average precision ",
                 spread_in_words(all.average_precision));
    std::string text;
    for (std::size_t k = 0; k < names_.size(); ++k) {
      const Spread& spread = all.absolute_error[k];
      text += cat(k == 0 ? "" : "; ", names_[k], ": mean absolute error ", spread.mean,
                  " on average, standard deviation of a single one ", spread.deviation, ", from ",
                  spread.lowest, " to ", spread.highest);
    }
    return text;
  }
  /// Whether the runs have accuracies.
  [[nodiscard]] bool of_classes() const { return names_.empty(); }

 private:
  std::vector<std::string> names_;  ///< of numbers
  RepeatedRuns runs_;
};

class Repeater {
 public:
  Repeater(const RepeatedParts& parts, const TrainOptions& options, const RunOnce& run)
      : parts_(parts), options_(options), run_(run), reporter_(options) {}

  [[nodiscard]] const std::vector<std::string>& notes() const { return reporter_.notes(); }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Nothing when a stop was requested.
  [[nodiscard]] std::optional<FoldedRuns> folds() {
    const std::vector<std::vector<std::size_t>> held_out = parts_.folds();
    Tally tally;
    std::size_t right = 0;
    std::size_t all = 0;
    for (std::size_t i = 0; i < held_out.size(); ++i) {
      const TrainOptions options = quiet(cat("fold ", i + 1, "/", held_out.size()), options_.seed);
      const auto one = run_one(parts_.of_fold(options, held_out[i]), options);
      if (!one) return std::nullopt;
      tally.add(*one);
      right += right_of(*one);
      all += held_out[i].size();
    }
    FoldedRuns folds{.runs = tally.runs(), .photos = all, .accuracy = 0, .interval = {}};
    std::string text = cat(held_out.size(), " folds, each trained on the others: ", tally.in_words());
    if (tally.of_classes()) {
      folds.accuracy = static_cast<double>(right) / static_cast<double>(all);
      folds.interval = wilson_interval(right, all);
      text += cat("; of all ", all, " photos ", percent(folds.accuracy), " (95 % interval ",
                  percent(folds.interval.low), " to ", percent(folds.interval.high), ")");
    }
    reporter_.note(text);
    return folds;
  }

  /// first: the run with the first seed. Nothing when a stop was requested.
  [[nodiscard]] std::optional<RepeatedRuns> seeds(const TrainResult& first) {
    Tally tally;
    tally.add(first);
    for (std::size_t i = 1; i < options_.evaluation.seeds; ++i) {
      const TrainOptions options =
          quiet(cat("seed ", i + 1, "/", options_.evaluation.seeds), options_.seed + i);
      const auto one = run_one(parts_.split(options), options);
      if (!one) return std::nullopt;
      tally.add(*one);
    }
    reporter_.note(cat(options_.evaluation.seeds, " seeds from ", options_.seed,
                       " on, each with its own split: ", tally.in_words()));
    return tally.runs();
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

  const RepeatedParts& parts_;
  const TrainOptions& options_;
  const RunOnce& run_;
  Reporter reporter_;
  bool stopped_ = false;
};

}  // namespace

RepeatedResults repeat_runs(const TrainResult& first, const RepeatedParts& parts, const TrainOptions& options,
                            const RunOnce& run) {
  Repeater repeater(parts, options, run);
  RepeatedResults results;
  if (options.evaluation.folds > 0 && !first.stopped) results.folds = repeater.folds();
  if (options.evaluation.seeds > 1 && !first.stopped && !repeater.stopped())
    results.seeds = repeater.seeds(first);
  results.notes = repeater.notes();
  results.stopped = repeater.stopped();
  return results;
}

void add_repeated(TrainResult& first, const RepeatedParts& parts, const TrainOptions& options,
                  const RunOnce& run) {
  RepeatedResults repeated = repeat_runs(first, parts, options, run);
  first.facts.folds = std::move(repeated.folds);
  first.facts.seeds = std::move(repeated.seeds);
  first.notes.insert(first.notes.end(), repeated.notes.begin(), repeated.notes.end());
  first.stopped = first.stopped || repeated.stopped;
}

}  // namespace graft::transfer

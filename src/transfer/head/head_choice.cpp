// SPDX-License-Identifier: Apache-2.0
#include "transfer/head/head_choice.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <span>

#include "graft/data/grouped_split.hpp"
#include "graft/photos.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"

namespace graft::transfer {
namespace {

// Strongest first: each starts the next. Folds are of few photos, which the weakest only make more certain of
// what they were told.
constexpr std::array kStrengths = {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr std::size_t kStrengthsOfFolds = 5;
constexpr double kEnoughToChoose = 1e-4;  // the solver's tolerance
/// With more training photos than this the validation photos are enough, and folds would take long.
constexpr std::size_t kCrossValidated = 2000;
constexpr std::size_t kFolds = 5;
/// So many strengths in a row with more loss than the best so far end the search: it has one minimum.
constexpr int kRises = 2;

/// A head that learns from some photos and is asked about others.
struct Scorer {
  LogisticSolver solver;
  Tensor rows;
  std::vector<int> labels;
  LinearHead head;
};

RowScores score(Scorer& scorer, HeadTrial& trial) {
  scorer.head = scorer.solver.solve(trial.l2, kEnoughToChoose);
  RowScores scores = score_rows(scorer.head, scorer.rows, scorer.labels);
  trial.losses.insert(trial.losses.end(), scores.losses.begin(), scores.losses.end());
  trial.wrong.insert(trial.wrong.end(), scores.wrong.begin(), scores.wrong.end());
  return scores;
}

/// Scores with all of them; returns the scores of the first, which has the validation photos.
RowScores score_all(std::vector<Scorer>& scorers, HeadTrial& trial) {
  RowScores first = score(scorers.front(), trial);
  for (Scorer& scorer : std::span(scorers).subspan(1)) score(scorer, trial);
  return first;
}

/// Labels of all rows of the training features.
std::vector<int> row_labels(const HeadData& data) {
  return labels_of_views(data.train_labels, data.train.shape()[0]);
}

/// Nothing where there are too many photos to need folds, or too few.
std::vector<std::vector<std::size_t>> folds_of(const HeadData& data) {
  const std::size_t photos = data.train_labels.size();
  if (photos > kCrossValidated || photos < 2 * kFolds) return {};
  const std::vector<double> equal(kFolds, 1.0 / kFolds);
  if (data.groups.empty()) return data::stratified_split(data.train_labels, equal, data.seed);
  if (std::set(data.groups.begin(), data.groups.end()).size() < 2 * kFolds) return {};
  return data::grouped_split({.labels = data.train_labels, .groups = data.groups, .seed = data.seed}, equal);
}

/// The first learns from all training photos and is asked about the validation photos; the others are folds.
std::vector<Scorer> make_scorers(const HeadData& data) {
  const std::vector<int> labels = row_labels(data);
  std::vector<Scorer> scorers;
  scorers.push_back({.solver = LogisticSolver(data.train, labels, data.classes),
                     .rows = data.validation,
                     .labels = data.validation_labels,
                     .head = {}});
  const std::size_t photos = data.train_labels.size();
  for (const auto& fold : folds_of(data)) {
    std::vector<bool> held(photos, false);
    for (const std::size_t i : fold) held[i] = true;
    std::vector<std::size_t> taught;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!held[i % photos]) taught.push_back(i);
    }
    scorers.push_back(
        {.solver = LogisticSolver(take_rows(data.train, taught), take(labels, taught), data.classes),
         .rows = take_rows(data.train, fold),
         .labels = take(data.train_labels, fold),
         .head = {}});
  }
  return scorers;
}

/// Which of the trials, strongest first, is to be used.
std::size_t choose(const std::vector<HeadTrial>& trials, std::size_t best, std::size_t strengths) {
  if (best + 1 < strengths) return best;
  const auto found = std::ranges::find_if(
      trials, [&](const HeadTrial& trial) { return trial.errors() <= trials[best].errors(); });
  return static_cast<std::size_t>(found - trials.begin());
}

}  // namespace

double HeadTrial::loss() const {
  return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
}

double HeadTrial::errors() const { return std::accumulate(wrong.begin(), wrong.end(), 0.0); }

HeadChoice choose_head(const HeadData& data, Reporter& reporter, const std::string& stage) {
  std::vector<Scorer> scorers = make_scorers(data);
  HeadChoice choice{.cross_validated = scorers.size() > 1};
  std::vector<HeadTrial> trials;
  std::vector<LinearHead> heads;
  std::vector<RowScores> on_validation;
  std::size_t best = 0;
  int rises = 0;
  const std::size_t strengths = choice.cross_validated ? kStrengthsOfFolds : kStrengths.size();
  for (const double l2 : std::span(kStrengths).first(strengths)) {
    HeadTrial trial{.l2 = l2};
    on_validation.push_back(score_all(scorers, trial));
    const HeadScore score = on_validation.back().mean();
    choice.tried.push_back({{"l2", l2},
                            {"loss", trial.loss()},
                            {"errors", trial.errors()},
                            {"photos", trial.losses.size()},
                            {"validation_loss", score.loss},
                            {"validation_accuracy", score.accuracy}});
    heads.push_back(scorers.front().head);
    trials.push_back(std::move(trial));
    if (trials.back().loss() < trials[best].loss()) {
      best = trials.size() - 1;
      rises = 0;
    } else if (trials.size() > 1 && ++rises == kRises) {
      break;
    }
    if (!reporter.update(stage, trials.size(), strengths, "strengths")) break;
  }
  const std::size_t chosen = choose(trials, best, strengths);
  choice.head = heads[chosen];
  choice.trial = trials[chosen];
  choice.best = trials[best];
  choice.on_validation = std::move(on_validation[chosen]);
  return choice;
}

HeadTrial try_strength(const HeadData& data, double l2) {
  std::vector<Scorer> scorers = make_scorers(data);
  HeadTrial trial{.l2 = l2};
  score_all(scorers, trial);
  return trial;
}

HeadData plain_alone(const HeadData& data) {
  HeadData plain = data;
  plain.train = data.train.slice(0, static_cast<std::int64_t>(data.train_labels.size()));
  return plain;
}

LinearHead solve_on_all(const HeadData& data, double l2) {
  std::vector<int> labels = row_labels(data);
  labels.insert(labels.end(), data.validation_labels.begin(), data.validation_labels.end());
  return LogisticSolver(stack(data.train, data.validation), labels, data.classes).solve(l2);
}

}  // namespace graft::transfer

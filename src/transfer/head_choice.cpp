// SPDX-License-Identifier: Apache-2.0
#include "transfer/head_choice.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "graft/data/photo_list.hpp"

#include "transfer/features.hpp"
#include "transfer/rows.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

// Strongest first: each starts the next. Folds are of few photos, which the weakest only make more certain of
// what they were told.
constexpr std::array kStrengths = {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr std::size_t kStrengthsOfFolds = 5;
constexpr double kEnoughToChoose = 1e-4;  // the solver's tolerance
/// Of more training photos than this the validation photos say enough, and folds would take long.
constexpr std::size_t kCrossValidated = 2000;
constexpr std::size_t kFolds = 5;
/// So many strengths in a row with more loss than the best so far end the search: it has one minimum.
constexpr int kRises = 2;

/// A head that learns from some photos and is asked about others.
struct Judge {
  LogisticSolver solver;
  Tensor asked;
  std::vector<int> labels;
  LinearHead head;
};

void ask(Judge& judge, HeadTrial& trial) {
  judge.head = judge.solver.solve(trial.l2, kEnoughToChoose);
  const RowScores scores = score_rows(judge.head, judge.asked, judge.labels);
  trial.losses.insert(trial.losses.end(), scores.losses.begin(), scores.losses.end());
  trial.wrong.insert(trial.wrong.end(), scores.wrong.begin(), scores.wrong.end());
}

/// The first learns from all training photos and is asked about the validation photos; the others are folds.
std::vector<Judge> make_judges(const HeadData& data) {
  const std::vector<int> labels = twice(data.train_labels);
  std::vector<Judge> judges;
  judges.push_back({.solver = LogisticSolver(data.train, labels, data.classes),
                    .asked = data.validation,
                    .labels = data.validation_labels,
                    .head = {}});
  const std::size_t photos = data.train_labels.size();
  if (photos > kCrossValidated || photos < 2 * kFolds) return judges;
  const std::vector<double> equal(kFolds, 1.0 / kFolds);
  for (const auto& fold : data::stratified_split(data.train_labels, equal, data.seed)) {
    std::vector<bool> held(photos, false);
    for (const std::size_t i : fold) held[i] = true;
    std::vector<std::size_t> taught;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!held[i % photos]) taught.push_back(i);
    }
    judges.push_back(
        {.solver = LogisticSolver(take_rows(data.train, taught), take(labels, taught), data.classes),
         .asked = take_rows(data.train, fold),
         .labels = take(data.train_labels, fold),
         .head = {}});
  }
  return judges;
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
  std::vector<Judge> judges = make_judges(data);
  HeadChoice choice{.cross_validated = judges.size() > 1};
  std::vector<HeadTrial> trials;
  std::vector<LinearHead> heads;
  std::size_t best = 0;
  int rises = 0;
  const std::size_t strengths = choice.cross_validated ? kStrengthsOfFolds : kStrengths.size();
  for (const double l2 : std::span(kStrengths).first(strengths)) {
    HeadTrial trial{.l2 = l2};
    for (Judge& judge : judges) ask(judge, trial);
    const HeadScore score = score_head(judges.front().head, data.validation, data.validation_labels);
    choice.tried.push_back({{"l2", l2},
                            {"loss", trial.loss()},
                            {"errors", trial.errors()},
                            {"photos", trial.losses.size()},
                            {"validation_loss", score.loss},
                            {"validation_accuracy", score.accuracy}});
    heads.push_back(judges.front().head);
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
  choice.on_validation = score_rows(choice.head, data.validation, data.validation_labels);
  choice.validation = score_head(choice.head, data.validation, data.validation_labels);
  return choice;
}

LinearHead solve_on_all(const HeadData& data, double l2) {
  std::vector<int> labels = twice(data.train_labels);
  labels.insert(labels.end(), data.validation_labels.begin(), data.validation_labels.end());
  return LogisticSolver(stack(data.train, data.validation), labels, data.classes).solve(l2);
}

}  // namespace graft::transfer

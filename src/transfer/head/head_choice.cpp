// SPDX-License-Identifier: Apache-2.0
#include "transfer/head/head_choice.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>

#include "transfer/context/reporter.hpp"
#include "transfer/features/features.hpp"
#include "transfer/head/search_strengths.hpp"

namespace graft::transfer {
namespace {

// Strongest first: each solution starts the next. Folds have few photos; on them the weakest strengths only
// add certainty.
constexpr std::array kStrengths = {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr std::size_t kStrengthsOfFolds = 5;
/// With more training photos than this the validation photos are enough to choose by, and folds for every
/// strength would take long.
constexpr std::size_t kCrossValidated = 2000;

std::vector<std::vector<std::size_t>> folds_to_choose_by(const HeadData& data) {
  return data.train_labels.size() > kCrossValidated ? std::vector<std::vector<std::size_t>>{}
                                                    : make_folds(data);
}

/// Which of the trials, strongest first, is to be used.
std::size_t choose(const std::vector<HeadTrial>& trials, std::size_t best, std::size_t strengths) {
  if (best + 1 < strengths) return best;
  const auto found = std::ranges::find_if(
      trials, [&](const HeadTrial& trial) { return trial.errors() <= trials[best].errors(); });
  return static_cast<std::size_t>(found - trials.begin());
}

}  // namespace

HeadTrial trial_of(double l2, const UnseenAnswers& answers, const HeadData& data) {
  const RowScores scores = scores_of_answers(answers);
  HeadTrial trial{.l2 = l2};
  for (std::size_t i = 0; i < answers.photos.size(); ++i) {
    if (!data.judged.empty() && !data.judged[answers.photos[i]]) continue;
    const double weight =
        data.class_weights.empty() ? 1 : data.class_weights[static_cast<std::size_t>(answers.labels[i])];
    trial.losses.push_back(scores.losses[i] * weight);
    trial.wrong.push_back(scores.wrong[i] * weight);
  }
  return trial;
}

double HeadTrial::loss() const {
  return std::accumulate(losses.begin(), losses.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(losses.size(), 1));
}

double HeadTrial::errors() const { return std::accumulate(wrong.begin(), wrong.end(), 0.0); }

HeadChoice choose_head(const HeadData& data, Reporter& reporter, const std::string& stage) {
  HeldOutHeads held_out(data, folds_to_choose_by(data));
  HeadChoice choice{.cross_validated = held_out.has_folds()};
  std::vector<HeadTrial> trials;
  std::vector<LinearHead> heads;
  std::vector<UnseenAnswers> answers;
  const auto strengths =
      std::span(kStrengths).first(choice.cross_validated ? kStrengthsOfFolds : kStrengths.size());
  const auto try_one = [&](double l2) {
    answers.push_back(held_out.solve(l2));
    trials.push_back(trial_of(l2, answers.back(), data));
    heads.push_back(held_out.of_training());
    const HeadScore score = scores_of_answers(answers.back(), true).mean();
    choice.tried.push_back({.l2 = l2,
                            .loss = trials.back().loss(),
                            .errors = trials.back().errors(),
                            .photos = trials.back().losses.size(),
                            .validation_loss = score.loss,
                            .validation_accuracy = score.accuracy});
    return trials.back().loss();
  };
  const std::size_t best = search_strengths(strengths, try_one, reporter, stage);
  const std::size_t chosen = choose(trials, best, strengths.size());
  choice.head = heads[chosen];
  choice.trial = trials[chosen];
  choice.best = trials[best];
  choice.on_validation = scores_of_answers(answers[chosen], true);
  choice.answers = std::move(answers[chosen]);
  return choice;
}

UnseenAnswers answers_for_all(const HeadData& data, const HeadChoice& choice) {
  UnseenAnswers answers = choice.answers;
  if (choice.cross_validated) return answers;
  // Fold by fold, so that only one copy of the features is needed at a time.
  const std::vector<std::vector<std::size_t>> folds = make_folds(data);
  for (std::size_t i = 0; i < folds.size(); ++i)
    append(answers, answer_fold(data, folds[i], i + 1, choice.trial.l2));
  return answers;
}

HeadTrial try_strength(const HeadData& data, double l2) {
  return trial_of(l2, HeldOutHeads(data, folds_to_choose_by(data)).solve(l2), data);
}

HeadData plain_alone(const HeadData& data) {
  HeadData plain = data;
  plain.train = data.train.slice(0, static_cast<std::int64_t>(data.train_labels.size()));
  return plain;
}

LinearHead solve_on_all(const HeadData& data, double l2, const LinearHead* near) {
  LogisticSolver solver = weighted_solver(data, all_rows(data));
  if (near != nullptr) solver.stay_near(*near);
  return solver.solve(l2);
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_head.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "graft/data/grouped_split.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kSeveralStrengths = {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr double kEnoughToCompare = 1e-4;  // the solver's tolerance
constexpr int kMostRises = 2;

/// The rows of all views of some training photos, with what stands beside them.
struct SeveralRows {
  Tensor features, truth;
  std::vector<float> weights;
};

SeveralRows several_rows(const SeveralData& data, const std::vector<std::size_t>& photos) {
  const auto count = static_cast<std::size_t>(data.train_truth.shape()[0]);
  const auto views = static_cast<std::size_t>(data.train.shape()[0]) / count;
  std::vector<std::size_t> rows, truth;
  SeveralRows result;
  for (std::size_t view = 0; view < views; ++view) {
    for (const std::size_t photo : photos) {
      rows.push_back(view * count + photo);
      truth.push_back(photo);
      if (!data.photo_weights.empty()) result.weights.push_back(data.photo_weights[photo]);
    }
  }
  result.features = take_rows(data.train, rows);
  result.truth = take_rows(data.train_truth, truth);
  return result;
}

LogisticSolver several_solver(const SeveralData& data, const SeveralRows& rows) {
  LogisticSolver solver(rows.features, rows.truth);
  solver.weigh_labels(data.positive_weights, rows.weights);
  return solver;
}

/// A head that is solved without some photos, and answers for them.
struct HeldSeveral {
  LogisticSolver solver;
  Tensor rows, truth;
  std::vector<std::size_t> photos;
};

std::vector<HeldSeveral> held_several(const SeveralData& data) {
  const auto count = static_cast<std::size_t>(data.train_truth.shape()[0]);
  std::vector<std::size_t> validation(static_cast<std::size_t>(data.validation_truth.shape()[0]));
  std::iota(validation.begin(), validation.end(), count);
  std::vector<HeldSeveral> heads;
  heads.push_back({several_solver(data, several_rows(data, data::all_but({}, count))), data.validation,
                   data.validation_truth, std::move(validation)});
  for (const auto& fold : data.folds) {
    heads.push_back({several_solver(data, several_rows(data, data::all_but(fold, count))),
                     take_rows(data.train, fold), take_rows(data.train_truth, fold), fold});
  }
  return heads;
}

SeveralChoice try_strength(std::vector<HeldSeveral>& heads, double l2) {
  SeveralChoice choice{.l2 = l2};
  for (std::size_t fold = 0; fold < heads.size(); ++fold) {
    HeldSeveral& held = heads[fold];
    const Tensor logits = head_logits(held.solver.solve(l2, kEnoughToCompare), held.rows);
    choice.logits = choice.logits.empty() ? logits : stack(choice.logits, logits);
    choice.truth = choice.truth.empty() ? held.truth : stack(choice.truth, held.truth);
    choice.answered.insert(choice.answered.end(), held.photos.begin(), held.photos.end());
    choice.folds.insert(choice.folds.end(), held.photos.size(), fold);
  }
  choice.loss = several_loss(choice.logits, choice.truth);
  return choice;
}

}  // namespace

double several_loss(const Tensor& logits, const Tensor& truth) {
  const auto z = logits.data<float>();
  const auto y = truth.data<float>();
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double score = z[i];
    sum += std::max(score, 0.0) - score * y[i] + std::log1p(std::exp(-std::abs(score)));
  }
  return sum / static_cast<double>(std::max<std::size_t>(z.size(), 1));
}

Tensor sigmoid_of(const Tensor& logits) {
  Tensor result = logits.clone();
  for (float& value : result.data<float>())
    value = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value))));
  return result;
}

SeveralData plain_several(const SeveralData& data) {
  SeveralData plain = data;
  plain.train = data.train.slice(0, data.train_truth.shape()[0]);
  return plain;
}

SeveralChoice choose_several_head(const SeveralData& data, Reporter& reporter, const std::string& stage) {
  std::vector<HeldSeveral> heads = held_several(data);
  SeveralChoice best;
  std::vector<TriedStrength> tried;
  int rises = 0;
  for (const double l2 : kSeveralStrengths) {
    SeveralChoice choice = try_strength(heads, l2);
    const std::int64_t validation = data.validation_truth.shape()[0];
    tried.push_back({.l2 = l2,
                     .loss = choice.loss,
                     .photos = choice.answered.size(),
                     .validation_loss = several_loss(choice.logits.slice(0, validation),
                                                     choice.truth.slice(0, validation))});
    if (tried.size() == 1 || choice.loss < best.loss) {
      best = std::move(choice);
      rises = 0;
    } else if (++rises == kMostRises) {
      break;
    }
    if (!reporter.update(stage, tried.size(), kSeveralStrengths.size(), "strengths")) break;
  }
  best.tried = std::move(tried);
  return best;
}

LinearHead solve_several_on_all(const SeveralData& data, double l2) {
  const auto count = static_cast<std::size_t>(data.train_truth.shape()[0]);
  SeveralRows rows = several_rows(data, data::all_but({}, count));
  rows.features = stack(rows.features, data.validation);
  rows.truth = stack(rows.truth, data.validation_truth);
  if (!data.photo_weights.empty())
    rows.weights.insert(rows.weights.end(), data.photo_weights.begin() + static_cast<std::ptrdiff_t>(count),
                        data.photo_weights.end());
  return several_solver(data, rows).solve(l2);
}

}  // namespace graft::transfer

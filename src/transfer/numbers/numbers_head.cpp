// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/numbers_head.hpp"

#include <array>
#include <numeric>

#include "graft/data/grouped_split.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"
#include "transfer/heads/ridge.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kNumberStrengths = {10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001};
constexpr int kMostNumberRises = 2;

/// The rows of all views of some training photos, with what stands beside them.
struct NumberRows {
  Tensor features, truth;
  std::vector<float> weights;
};

NumberRows number_rows_of(const NumbersData& data, const std::vector<std::size_t>& photos) {
  const auto count = static_cast<std::size_t>(data.train_truth.shape()[0]);
  const auto views = static_cast<std::size_t>(data.train.shape()[0]) / count;
  std::vector<std::size_t> rows, truth;
  NumberRows result;
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

/// A head that is solved without some photos, and answers for them.
struct HeldNumbers {
  RidgeSolver solver;
  Tensor rows, truth;
  std::vector<std::size_t> photos;
};

RidgeSolver ridge_of(const NumberRows& rows) { return {rows.features, rows.truth, rows.weights}; }

std::vector<HeldNumbers> held_numbers(const NumbersData& data, Reporter& reporter, const std::string& stage) {
  const auto count = static_cast<std::size_t>(data.train_truth.shape()[0]);
  std::vector<std::size_t> validation(static_cast<std::size_t>(data.validation_truth.shape()[0]));
  std::iota(validation.begin(), validation.end(), count);
  std::vector<HeldNumbers> heads;
  heads.push_back({ridge_of(number_rows_of(data, data::all_but({}, count))), data.validation,
                   data.validation_truth, std::move(validation)});
  for (const auto& fold : data.folds) {
    if (!reporter.update(stage, heads.size(), data.folds.size() + 1, "folds")) break;
    heads.push_back({ridge_of(number_rows_of(data, data::all_but(fold, count))), take_rows(data.train, fold),
                     take_rows(data.train_truth, fold), fold});
  }
  return heads;
}

NumbersChoice try_number_strength(const std::vector<HeldNumbers>& heads, const NumbersData& data,
                                  double strength) {
  NumbersChoice choice{.strength = strength};
  for (std::size_t fold = 0; fold < heads.size(); ++fold) {
    const HeldNumbers& held = heads[fold];
    const Tensor answers = head_logits(held.solver.solve(strength * held.solver.unit()), held.rows);
    choice.answers = choice.answers.empty() ? answers : stack(choice.answers, answers);
    choice.truth = choice.truth.empty() ? held.truth : stack(choice.truth, held.truth);
    choice.answered.insert(choice.answered.end(), held.photos.begin(), held.photos.end());
    choice.folds.insert(choice.folds.end(), held.photos.size(), fold);
  }
  choice.loss = numbers_loss(choice.answers, choice.truth, data.train_truth);
  return choice;
}

}  // namespace

double numbers_loss(const Tensor& answers, const Tensor& truth, const Tensor& train_truth) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  double sum = 0;
  for (std::size_t k = 0; k < width; ++k) {
    const auto of_column = [&](const Tensor& values, auto&& each) {
      for (std::size_t at = k; at < values.data<float>().size(); at += width) each(at);
    };
    double squares = 0, mean = 0, variance = 0;
    of_column(truth, [&](std::size_t at) {
      const double error =
          static_cast<double>(answers.data<float>()[at]) - static_cast<double>(truth.data<float>()[at]);
      squares += error * error;
    });
    const auto count = static_cast<double>(train_truth.shape()[0]);
    of_column(train_truth,
              [&](std::size_t at) { mean += static_cast<double>(train_truth.data<float>()[at]) / count; });
    of_column(train_truth, [&](std::size_t at) {
      const double distance = static_cast<double>(train_truth.data<float>()[at]) - mean;
      variance += distance * distance / count;
    });
    sum += squares / static_cast<double>(truth.shape()[0]) / (variance > 0 ? variance : 1);
  }
  return sum / static_cast<double>(width);
}

NumbersData plain_numbers(const NumbersData& data) {
  NumbersData plain = data;
  plain.train = data.train.slice(0, data.train_truth.shape()[0]);
  return plain;
}

NumbersChoice choose_numbers_head(const NumbersData& data, Reporter& reporter, const std::string& stage) {
  const std::vector<HeldNumbers> heads = held_numbers(data, reporter, stage);
  NumbersChoice best;
  std::vector<TriedStrength> tried;
  int rises = 0;
  for (const double strength : kNumberStrengths) {
    NumbersChoice choice = try_number_strength(heads, data, strength);
    const std::int64_t validation = data.validation_truth.shape()[0];
    tried.push_back({.l2 = strength,
                     .loss = choice.loss,
                     .photos = choice.answered.size(),
                     .validation_loss = numbers_loss(choice.answers.slice(0, validation),
                                                     data.validation_truth, data.train_truth)});
    if (tried.size() == 1 || choice.loss < best.loss) {
      best = std::move(choice);
      rises = 0;
    } else if (++rises == kMostNumberRises) {
      break;
    }
    if (!reporter.update(stage, tried.size(), kNumberStrengths.size(), "strengths")) break;
  }
  best.tried = std::move(tried);
  return best;
}

RidgeHead solve_numbers_on_all(const NumbersData& data, double strength) {
  const auto count = static_cast<std::size_t>(data.train_truth.shape()[0]);
  NumberRows rows = number_rows_of(data, data::all_but({}, count));
  rows.features = stack(rows.features, data.validation);
  rows.truth = stack(rows.truth, data.validation_truth);
  if (!data.photo_weights.empty())
    rows.weights.insert(rows.weights.end(), data.photo_weights.begin() + static_cast<std::ptrdiff_t>(count),
                        data.photo_weights.end());
  const RidgeSolver solver = ridge_of(rows);
  return {.head = solver.solve(strength * solver.unit()), .alpha = strength * solver.unit()};
}

}  // namespace graft::transfer

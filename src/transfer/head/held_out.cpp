// SPDX-License-Identifier: Apache-2.0
#include "transfer/head/held_out.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "graft/data/grouped_split.hpp"
#include "graft/photos.hpp"

#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"

namespace graft::transfer {
namespace {

constexpr std::size_t kFolds = 5;
constexpr double kEnoughToChoose = 1e-4;  // the solver's tolerance

/// Rows of data.train, in all views, that are not of the fold.
std::vector<std::size_t> rows_without(const HeadData& data, const std::vector<std::size_t>& fold) {
  const std::size_t photos = data.train_labels.size();
  std::vector<bool> held(photos, false);
  for (const std::size_t i : fold) held[i] = true;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < static_cast<std::size_t>(data.train.shape()[0]); ++i) {
    if (!held[i % photos]) rows.push_back(i);
  }
  return rows;
}

LogisticSolver solver_without(const HeadData& data, const std::vector<std::size_t>& fold) {
  const std::vector<std::size_t> rows = rows_without(data, fold);
  const HeadRows all = training_rows(data);
  HeadRows some{.features = take_rows(data.train, rows), .labels = take(all.labels, rows)};
  for (const std::size_t row : rows) {
    if (!all.weights.empty()) some.weights.push_back(all.weights[row]);
  }
  return weighted_solver(data, some);
}

}  // namespace

LogisticSolver weighted_solver(const HeadData& data, const HeadRows& rows) {
  LogisticSolver solver(rows.features, rows.labels, data.classes);
  if (!data.class_weights.empty() || !rows.weights.empty())
    solver.weigh(rows.labels, data.class_weights, rows.weights);
  return solver;
}

HeadRows training_rows(const HeadData& data) {
  HeadRows rows{.features = data.train, .labels = labels_of_views(data.train_labels, data.train.shape()[0])};
  if (data.photo_weights.empty()) return rows;
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    rows.weights.push_back(data.photo_weights[i % data.train_labels.size()]);
  return rows;
}

HeadRows all_rows(const HeadData& data) {
  HeadRows rows = training_rows(data);
  rows.features = stack(data.train, data.validation);
  rows.labels.insert(rows.labels.end(), data.validation_labels.begin(), data.validation_labels.end());
  if (!data.photo_weights.empty())
    rows.weights.insert(rows.weights.end(),
                        data.photo_weights.begin() + static_cast<std::ptrdiff_t>(data.train_labels.size()),
                        data.photo_weights.end());
  return rows;
}

std::vector<std::vector<std::size_t>> make_folds(const HeadData& data) {
  if (data.train_labels.size() < 2 * kFolds) return {};
  const std::vector<double> equal(kFolds, 1.0 / kFolds);
  if (data.groups.empty()) {
    std::vector<std::vector<std::size_t>> folds = data::stratified_split(data.train_labels, equal, data.seed);
    const auto usable = [&] {
      return std::ranges::all_of(folds, [](const auto& fold) { return !fold.empty(); });
    };
    // With fewer photos of each class than folds, the parts of all classes can leave the same fold empty.
    if (!usable())
      folds = data::stratified_folds({.labels = data.train_labels, .groups = {}, .seed = data.seed}, kFolds);
    // With one photo of each class one fold has all of them, and nothing is left to learn from.
    return usable() ? folds : std::vector<std::vector<std::size_t>>{};
  }
  if (std::set(data.groups.begin(), data.groups.end()).size() < 2 * kFolds) return {};
  return data::grouped_split({.labels = data.train_labels, .groups = data.groups, .seed = data.seed}, equal);
}

HeldOutHeads::HeldOutHeads(const HeadData& data, const std::vector<std::vector<std::size_t>>& folds)
    : data_(data) {
  const std::size_t photos = data.train_labels.size();
  std::vector<std::size_t> validation(data.validation_labels.size());
  std::iota(validation.begin(), validation.end(), photos);
  heads_.push_back({.solver = weighted_solver(data, training_rows(data)),
                    .rows = data.validation,
                    .photos = std::move(validation),
                    .labels = data.validation_labels,
                    .head = {}});
  for (const auto& fold : folds) {
    heads_.push_back({.solver = solver_without(data, fold),
                      .rows = take_rows(data.train, fold),
                      .photos = fold,
                      .labels = take(data.train_labels, fold),
                      .head = {}});
  }
}

void HeldOutHeads::stay_near(const LinearHead& head) {
  for (Held& held : heads_) held.solver.stay_near(head);
}

UnseenAnswers HeldOutHeads::solve(double l2) {
  UnseenAnswers answers;
  std::size_t all = 0;
  for (const Held& held : heads_) all += held.photos.size();
  answers.logits = Tensor({static_cast<std::int64_t>(all), static_cast<std::int64_t>(data_.classes)});
  std::int64_t row = 0;
  for (std::size_t fold = 0; fold < heads_.size(); ++fold) {
    Held& held = heads_[fold];
    held.head = held.solver.solve(l2, kEnoughToChoose);
    const auto count = static_cast<std::int64_t>(held.photos.size());
    if (count > 0) answers.logits.slice(row, row + count).copy_from(head_logits(held.head, held.rows));
    row += count;
    answers.photos.insert(answers.photos.end(), held.photos.begin(), held.photos.end());
    answers.folds.insert(answers.folds.end(), held.photos.size(), fold);
    answers.labels.insert(answers.labels.end(), held.labels.begin(), held.labels.end());
  }
  return answers;
}

UnseenAnswers answer_fold(const HeadData& data, const std::vector<std::size_t>& fold, std::size_t number,
                          double l2) {
  const LinearHead head = solver_without(data, fold).solve(l2, kEnoughToChoose);
  return {.photos = fold,
          .folds = std::vector<std::size_t>(fold.size(), number),
          .labels = take(data.train_labels, fold),
          .logits = head_logits(head, take_rows(data.train, fold))};
}

}  // namespace graft::transfer

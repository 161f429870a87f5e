// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/choose_strength.hpp"

#include <numeric>

#include "transfer/context/reporter.hpp"
#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"
#include "transfer/head/search_strengths.hpp"

namespace graft::transfer {
namespace {

/// A head that is solved without some photos, and answers for them.
struct HeldOutRows {
  SolveHead solve;
  Tensor rows, truth;
  std::vector<std::size_t> photos;
};

std::vector<HeldOutRows> hold_out(const FrozenData& data, const HeadMethod& method, Reporter& reporter,
                                  const std::string& stage) {
  std::vector<std::size_t> validation(data.validation_photos());
  std::iota(validation.begin(), validation.end(), data.train_photos());
  std::vector<HeldOutRows> heads;
  heads.push_back({method.prepare(rows_without(data, {})), data.validation, data.validation_truth,
                   std::move(validation)});
  for (const auto& fold : data.folds) {
    if (!reporter.update(stage, heads.size(), data.folds.size() + 1, "folds")) break;
    heads.push_back({method.prepare(rows_without(data, fold)), take_rows(data.train, fold),
                     take_rows(data.train_truth, fold), fold});
  }
  return heads;
}

StrengthChoice try_strength(const std::vector<HeldOutRows>& heads, const HeadMethod& method,
                            double strength) {
  StrengthChoice choice{.strength = strength};
  for (std::size_t fold = 0; fold < heads.size(); ++fold) {
    const HeldOutRows& held = heads[fold];
    const Tensor values = head_logits(held.solve(strength), held.rows);
    choice.values = choice.values.empty() ? values : stack(choice.values, values);
    choice.truth = choice.truth.empty() ? held.truth : stack(choice.truth, held.truth);
    choice.answered.insert(choice.answered.end(), held.photos.begin(), held.photos.end());
    choice.folds.insert(choice.folds.end(), held.photos.size(), fold);
  }
  choice.loss = method.loss(choice.values, choice.truth);
  return choice;
}

}  // namespace

StrengthChoice choose_strength(const FrozenData& data, const HeadMethod& method, Reporter& reporter,
                               const std::string& stage) {
  const std::vector<HeldOutRows> heads = hold_out(data, method, reporter, stage);
  const std::int64_t validation = data.validation_truth.shape()[0];
  std::vector<StrengthChoice> choices;
  std::vector<TriedStrength> tried;
  const auto try_one = [&](double strength) {
    const StrengthChoice& choice = choices.emplace_back(try_strength(heads, method, strength));
    tried.push_back(
        {.l2 = strength,
         .loss = choice.loss,
         .errors = method.errors ? method.errors(choice.values, choice.truth) : 0,
         .photos = choice.answered.size(),
         .validation_loss = method.loss(choice.values.slice(0, validation), data.validation_truth)});
    return choice.loss;
  };
  const std::size_t least = search_strengths(method.strengths, try_one, reporter, stage);
  StrengthChoice best = std::move(choices[least]);
  best.tried = std::move(tried);
  return best;
}

}  // namespace graft::transfer

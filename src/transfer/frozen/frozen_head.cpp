// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/frozen_head.hpp"

#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/pretrained.hpp"

#include "transfer/context/networks.hpp"

namespace graft::transfer {

TrainOptions with_named_network(const TrainOptions& given, const std::string& kind, Reporter& reporter) {
  TrainOptions options = given;
  options.early_model.clear();
  if (options.model != kAutomaticModel) return options;
  options.model = classify::applications_here().front()->name;
  reporter.note(cat("model auto: ", options.model, ", the one with the best published accuracy; with ", kind,
                    " networks are not compared"));
  return options;
}

void take_base_weights(Model& base, const Model& classifier) {
  const std::vector<VariablePtr> to = base.weights();
  for (const Layer& layer : classifier.layers()) {
    const std::vector<VariablePtr> from = layer.weights();
    const bool same = layer.name() == base.name() &&
                      std::ranges::equal(from, to, [](const VariablePtr& a, const VariablePtr& b) {
                        return a->shape() == b->shape();
                      });
    if (!same) continue;
    for (std::size_t i = 0; i < to.size(); ++i) to[i]->assign(from[i]->value());
    return;
  }
  fail_option(ErrorKind::invalid_argument, "from", "from: the earlier model has no ", base.name(),
              " inside; expected a model that graft trained on this network and has not edited");
}

OrderedAnswers order_answers(const Photos& photos, const HeadAnswers& heads, const Tensor& test) {
  OrderedAnswers ordered;
  PhotoAnswers& answers = ordered.answers;
  std::vector<std::size_t> order(heads.answered.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return heads.answered[i]; });
  const std::vector<std::filesystem::path> train = photos.train.file_paths(),
                                           validation = photos.validation.file_paths(),
                                           tested = photos.test.file_paths();
  answers.probabilities =
      Tensor({static_cast<std::int64_t>(order.size() + photos.test.size()), test.shape()[1]});
  std::int64_t row = 0;
  const auto add = [&](const std::filesystem::path& file, Part part, std::size_t photo,
                       const Tensor& values) {
    answers.files.push_back(std::filesystem::absolute(file).lexically_normal());
    answers.parts.push_back(part);
    answers.by_model.push_back(part == Part::test || (part == Part::validation && heads.by_model));
    ordered.places.emplace_back(part, photo);
    answers.probabilities.slice(row, row + 1).copy_from(values);
    ++row;
  };
  for (const std::size_t i : order) {
    const auto at = static_cast<std::int64_t>(i);
    const bool trains = heads.answered[i] < train.size();
    const std::size_t photo = trains ? heads.answered[i] : heads.answered[i] - train.size();
    add(trains ? train[photo] : validation[photo], trains ? Part::train : Part::validation, photo,
        heads.values.slice(at, at + 1));
    answers.folds.push_back(heads.folds[i]);
  }
  for (std::size_t i = 0; i < tested.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    add(tested[i], Part::test, i, test.slice(at, at + 1));
    answers.folds.push_back(0);
  }
  return ordered;
}

}  // namespace graft::transfer

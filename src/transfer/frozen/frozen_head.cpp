// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/frozen_head.hpp"

#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/layers/name_scope.hpp"
#include "graft/models/find_layer.hpp"
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

BaseModel base_inside(const EarlierModel& earlier, const TrainOptions& options, Size2D image_size) {
  const layers::NameScope names;  // those of a first round, whatever the earlier model's are
  BaseModel base{.application = &applications::find_application(networks_of(options).first),
                 .model = untrained_base(options, image_size),
                 .loaded = "weights as the earlier round left them",
                 .weights_file = earlier.file};
  base.preprocessing = classify::scaling_for_weights(*base.application, base.model, options.weights);
  const std::vector<VariablePtr> to = base.model.weights();
  const auto is_same = [&](const Layer& layer) {
    return models::as_model(layer).base() != nullptr &&
           std::ranges::equal(layer.weights(), to, [](const VariablePtr& one, const VariablePtr& other) {
             return one->shape() == other->shape();
           });
  };
  const auto all = earlier.model.layers();
  const auto found = std::ranges::find_if(all, is_same);
  if (found == all.end())
    fail_option(ErrorKind::invalid_argument, "from", "from: ", earlier.file, " has no ",
                base.application->keras_name, " of ", image_size.height, " x ", image_size.width,
                " inside; expected a model that graft trained on this network and has not edited");
  const std::vector<VariablePtr> weights = found->weights();
  for (std::size_t i = 0; i < to.size(); ++i) to[i]->assign(weights[i]->value());
  base.model.set_trainable(false);
  return base;
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

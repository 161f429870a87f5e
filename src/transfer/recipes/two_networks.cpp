// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/two_networks.hpp"

#include <cstddef>

#include "transfer/load/photos.hpp"

namespace graft::transfer {

LinearHead mean_of_heads(const LinearHead& first, const LinearHead& second) {
  const std::int64_t rows = first.kernel.shape()[0];
  const std::int64_t classes = first.kernel.shape()[1];
  LinearHead both{.kernel = Tensor({rows + second.kernel.shape()[0], classes}), .bias = first.bias.clone()};
  both.kernel.slice(0, rows).copy_from(first.kernel);
  both.kernel.slice(rows, both.kernel.shape()[0]).copy_from(second.kernel);
  for (float& value : both.kernel.data()) value *= 0.5F;
  const auto bias = both.bias.data();
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = 0.5F * (bias[i] + second.bias.data()[i]);
  return both;
}

ClassifierGraph join_networks(const RunContext& run, const OneNetwork& first, const OneNetwork& second,
                              bool with_validation) {
  ClassifierGraph graph =
      build_classifier_of_two(first.depths(), second.depths(), run.image_size, run.photos.class_names.size());
  graph.set_head(mean_of_heads(first.head(with_validation), second.head(with_validation)));
  return graph;
}

AnswersOfTwo answers_of_two(const OneNetwork& first, const OneNetwork& second) {
  AnswersOfTwo two{.first = first.unseen_answers(), .second = second.unseen_answers(), .mean = {}};
  if (two.first.photos != two.second.photos) {
    two.first = validation_answers(two.first);
    two.second = validation_answers(two.second);
  }
  two.mean = mean_of_answers(two.first, two.second);
  const std::vector<double>& weights = first.heads().depths.front().class_weights;
  two.first_loss = calibrated_loss(two.first, weights);
  two.second_loss = calibrated_loss(two.second, weights);
  two.mean_loss = calibrated_loss(two.mean, weights);
  return two;
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/second_network.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

#include "transfer/context/networks.hpp"

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

SecondNetwork::SecondNetwork(const RunContext& run, const std::string& name)
    : run_(run),
      base_(make_base(with_model(run.options, name), run.image_size)),
      depths_(head_depths(base_.model)) {
  run_.note(cat("second network ", base_.application->keras_name, ", ", base_.loaded));
}

void SecondNetwork::solve(const TrainingPhotos& teaching, int views) {
  FrozenPhotos photos(run_, base_, teaching,
                      {.depths = depths_,
                       .views = views,
                       .stage = "features of the second network",
                       .cache = run_.options.disk_cache});
  heads_ = solve_heads(photos.at_depths(), run_.reporter);
}

ClassifierGraph SecondNetwork::join(const BaseDepths& first, const LinearHead& head) const {
  const std::vector<SymbolicTensor> depths = heads_.several ? depths_ : std::vector{depths_.front()};
  ClassifierGraph graph =
      build_classifier_of_two(first, {base_, depths}, run_.image_size, run_.photos.class_names.size());
  graph.set_head(mean_of_heads(head, heads_.head_of_all()));
  return graph;
}

}  // namespace graft::transfer

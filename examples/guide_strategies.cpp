// SPDX-License-Identifier: Apache-2.0
// A new head on a frozen network, and the interval of its accuracy:
//   guide_strategies TRAIN TEST          each with a folder of photos per class
// The other strategies are other recipes: AutomaticRecipe and TutorialRecipe.
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main(int, char** argv) {
  TrainOptions options{.model = "efficientnet_lite0", .recipe = HeadRecipe{}, .seed = 42};
  options.test = argv[2];
  const TrainResult result = train(argv[1], options);
  std::cout << "head: " << 100 * result.test_accuracy << " % (95 % interval "
            << 100 * result.test_accuracy_interval.low << " to " << 100 * result.test_accuracy_interval.high
            << ")\n";
}

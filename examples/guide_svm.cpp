// SPDX-License-Identifier: Apache-2.0
// A support vector machine on the features of a pretrained network:
//   guide_svm TRAIN TEST         each with a folder of photos per class
#include <functional>
#include <iostream>
#include <numeric>

#include <graft/graft.hpp>

using namespace graft;

int main(int, char** argv) {
  // The network without its classifier: pixels in, 1280 numbers out. It is not trained any more.
  const SymbolicTensor input = Input({224, 224, 3});
  const Model base = applications::EfficientNetLite0({.include_top = false, .pooling = "avg"});
  Model network(input,
                base(applications::add_preprocessing(input, "efficientnet_lite0"), {.training = false}));

  const auto train = data::image_dataset_from_directory(argv[1], {.image_size = 224, .shuffle = false});
  const auto test = data::image_dataset_from_directory(argv[2], {.image_size = 224, .shuffle = false});

  const Head svm =
      fit_head(network.predict(train), train.labels(), {.kind = HeadKind::linear_svm, .c = 0.001});

  const std::vector<int> answers = svm.predict(network.predict(test));
  const std::vector<int> truth = test.labels();
  const int right =
      std::inner_product(truth.begin(), truth.end(), answers.begin(), 0, std::plus<>(), std::equal_to<>());
  std::cout << "graft: " << right << " of " << truth.size() << " new photos are right\n";
}

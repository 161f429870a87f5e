// SPDX-License-Identifier: Apache-2.0
// Classifies one photo with a network for ImageNet, line by line as Keras's tutorials do:
//   guide_classify PHOTO
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main(int, char** argv) {
  Model model = applications::EfficientNetLite0();
  Tensor image = data::load_img(argv[1], {.target_size = 224});
  image = image.reshape({1, 224, 224, 3});
  image = applications::preprocess_input(image, "efficientnet_lite0");
  const Tensor yhat = model.predict(image);
  const auto label = applications::decode_predictions(yhat)[0][0];
  std::cout << label.name << " (" << label.probability * 100 << "%)\n";
}

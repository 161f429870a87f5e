// SPDX-License-Identifier: Apache-2.0
// Learns faces, then shows a random one of those kept for the test with its true and its predicted name, for
// each line of input:
//   guide_faces PHOTOS           a folder for each person
#include <algorithm>
#include <iostream>
#include <random>
#include <string>

#include <graft/graft.hpp>

using namespace graft;

int main(int, char** argv) {
  const auto [train, test] = data::training_and_validation_from_directory(
      argv[1], {.image_size = 128, .seed = 1, .validation_split = 0.2});
  const std::vector<std::string> people = train.class_names();
  Model base =
      applications::EfficientNetLite0({.input_shape = {128, 128, 3}, .include_top = false, .pooling = "avg"});
  base.set_trainable(false);
  const SymbolicTensor inputs = Input({128, 128, 3});
  const SymbolicTensor x =
      base(applications::add_preprocessing(inputs, "efficientnet_lite0"), {.training = false});
  Model model(inputs, layers::Dense({.units = std::ssize(people), .activation = "softmax"})(x));
  model.compile(Adam({.learning_rate = 1e-2}), "sparse_categorical_crossentropy", {"accuracy"});
  model.fit(train, {.epochs = 10});
  std::cout << "test accuracy " << model.evaluate(test).accuracy << " of " << test.size() << " faces\n";
  model.save("faces.keras", people);

  const auto [faces, labels, positions] = test.with_options({.batch_size = 1000}).iterate().next().value();
  std::mt19937 random(1);
  for (std::string line; std::getline(std::cin, line);) {
    const std::int64_t i = random() % faces.shape()[0];
    const Tensor answer = model.predict(faces.slice(i, i + 1));
    const auto best = std::ranges::max_element(answer.data()) - answer.data().begin();
    data::save_img("random.png", faces.slice(i, i + 1).reshape({128, 128, 3}), {.scale = false});
    std::cout << "true " << people[labels.at<std::int32_t>(i)] << ", predicted " << people[best] << '\n';
  }
}

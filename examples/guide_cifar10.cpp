// SPDX-License-Identifier: Apache-2.0
// The textbook's CIFAR-10: VGG16 at 48 x 48, a new head on the frozen base, then also the layers from
// block5_conv1 on:
//   guide_cifar10 TRAIN TEST [EPOCHS [WEIGHTS]]
// WEIGHTS: a file, "imagenet" (the default) or "none": random ones, which show that the program runs.
// vgg16_cifar10.cpp is the same network with options, for measuring.
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main(int argc, char** argv) {
  const std::int64_t epochs = argc > 3 ? std::stoll(argv[3]) : 10;
  const data::ImageDatasetOptions photos{
      .label_mode = data::LabelMode::categorical, .batch_size = 64, .image_size = 48, .seed = 1};
  const data::Dataset train = data::image_dataset_from_directory(argv[1], photos);
  const data::Dataset test = data::image_dataset_from_directory(argv[2], photos);

  Model base = applications::VGG16(
      {.input_shape = {48, 48, 3}, .include_top = false, .weights = argc > 4 ? argv[4] : "imagenet"});
  base.set_trainable(false);
  const SymbolicTensor inputs = Input({48, 48, 3});
  SymbolicTensor x = base(applications::add_preprocessing(inputs, "vgg16"));
  x = layers::Flatten()(x);
  x = layers::Dense({.units = 1000, .activation = "relu"})(x);
  x = layers::Dropout({.rate = 0.3})(x);
  Model model(inputs, layers::Dense({.units = 10, .activation = "softmax"})(x));

  model.compile(Adam({.learning_rate = 1e-3}), "categorical_crossentropy", {"accuracy"});
  std::cout << count_params(model.trainable_weights()) << " of " << model.count_params() << " train\n";
  model.fit(train, {.epochs = epochs});
  std::cout << "frozen base: test accuracy " << model.evaluate(test).accuracy << '\n';

  base.set_trainable(true);
  for (Layer& layer : base.layers()) layer.set_trainable(layer.name().starts_with("block5"));
  model.compile(Adam({.learning_rate = 1e-5}), "categorical_crossentropy", {"accuracy"});
  std::cout << count_params(model.trainable_weights()) << " of " << model.count_params() << " train\n";
  model.fit(train, {.epochs = epochs});
  std::cout << "from block5_conv1: test accuracy " << model.evaluate(test).accuracy << '\n';
}

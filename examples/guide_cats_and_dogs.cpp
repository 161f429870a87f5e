// SPDX-License-Identifier: Apache-2.0
// Keras's tutorial on transfer learning, line by line, with photos of cats and dogs in train/ and test/:
//   guide_cats_and_dogs [HEAD_EPOCHS FINE_TUNE_EPOCHS]
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main(int argc, char** argv) {
  const std::int64_t initial_epochs = argc > 1 ? std::stoll(argv[1]) : 10;
  const std::int64_t total_epochs = initial_epochs + (argc > 2 ? std::stoll(argv[2]) : 10);

  const data::Dataset test = data::image_dataset_from_directory(
      "test", {.label_mode = data::LabelMode::binary, .image_size = 160, .shuffle = false});
  const auto [train, validation] = data::training_and_validation_from_directory(
      "train",
      {.label_mode = data::LabelMode::binary, .image_size = 160, .seed = 123, .validation_split = 0.2});

  const Model augmentation =
      Sequential({layers::InputLayer({.shape = {160, 160, 3}}),
                  layers::RandomFlip({.mode = Flip::horizontal}), layers::RandomRotation({.factor = 0.2})});
  Model base = applications::MobileNetV2(
      {.input_shape = {160, 160, 3}, .include_top = false, .weights = "mobilenet_v2.h5"});
  base.set_trainable(false);

  const SymbolicTensor inputs = Input({160, 160, 3});
  SymbolicTensor x = augmentation(inputs);
  x = applications::add_preprocessing(x, "mobilenet_v2");
  x = base(x, {.training = false});
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dropout({.rate = 0.2})(x);
  Model model(inputs, layers::Dense({.units = 1, .activation = "sigmoid"})(x));

  model.compile(Adam({.learning_rate = 1e-4}), "binary_crossentropy", {"accuracy"});
  std::cout << count_params(model.trainable_weights()) << " parameters train\n";
  std::cout << "before training: accuracy " << model.evaluate(validation).accuracy << '\n';
  History history = model.fit(train, {.epochs = initial_epochs, .validation_data = validation});
  std::cout << "head: validation accuracy " << history["val_accuracy"].back() << '\n';

  base.set_trainable(true);
  for (Layer& layer : base.layers().first(100)) layer.set_trainable(false);
  model.compile(RMSprop({.learning_rate = 1e-5}), "binary_crossentropy", {"accuracy"});
  std::cout << count_params(model.trainable_weights()) << " parameters train\n";
  history += model.fit(
      train, {.epochs = total_epochs, .initial_epoch = initial_epochs, .validation_data = validation});
  std::cout << "fine-tuned: test accuracy " << model.evaluate(test).accuracy << '\n';
  model.save("cats_dogs.keras", train.class_names());
}

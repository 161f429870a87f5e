// SPDX-License-Identifier: Apache-2.0
// Keras's transfer-learning tutorial: transfer_learning TRAIN TEST WEIGHTS.h5 OUT.keras [HEAD_EPOCHS
// FINE_TUNE_EPOCHS]
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main(int argc, char** argv) try {
  if (argc < 5) {
    std::cerr << "usage: transfer_learning TRAIN TEST WEIGHTS.h5 OUT.keras [HEAD_EPOCHS FINE_TUNE_EPOCHS]\n";
    return 2;
  }
  const std::int64_t head_epochs = argc > 5 ? std::stoll(argv[5]) : 10;
  const std::int64_t last_epoch = head_epochs + (argc > 6 ? std::stoll(argv[6]) : 10);
  data::ImageDatasetOptions photos{.label_mode = data::LabelMode::binary, .image_size = 160, .seed = 123};
  const auto test = data::image_dataset_from_directory(argv[2], photos);
  photos.validation_split = 0.2;
  const auto [train, validation] = data::training_and_validation_from_directory(argv[1], photos);

  Model base = applications::MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false});
  std::cout << saving::load_weights(base, argv[3]).summary() << '\n';
  base.set_trainable(false);

  SymbolicTensor input = Input({160, 160, 3});  // raw RGB 0..255
  SymbolicTensor x = layers::RandomFlip({.mode = Flip::horizontal})(input);
  x = layers::RandomRotation({.factor = 0.2})(x);
  x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(x);
  x = base(x, {.training = false});  // BatchNormalization stays in inference mode
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dropout({.rate = 0.2})(x);
  Model model(input, layers::Dense({.units = 1})(x));

  const LossPtr loss = BinaryCrossentropy({.from_logits = true});
  model.compile({.optimizer = Adam({.learning_rate = 1e-4}), .loss = loss, .metrics = {"accuracy"}});
  History history = model.fit(train, {.epochs = head_epochs, .validation_data = validation});
  std::cout << "head: test accuracy " << model.evaluate(test).accuracy << '\n';

  base.set_trainable(true);
  for (Layer& layer : base.layers().first(100)) layer.set_trainable(false);
  model.compile({.optimizer = RMSprop({.learning_rate = 1e-5}), .loss = loss, .metrics = {"accuracy"}});
  history +=
      model.fit(train, {.epochs = last_epoch, .initial_epoch = head_epochs, .validation_data = validation});
  std::cout << "fine-tuned: test accuracy " << model.evaluate(test).accuracy << '\n';
  model.save(argv[4]);  // keras.models.load_model opens it
  return 0;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

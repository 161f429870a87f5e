// SPDX-License-Identifier: Apache-2.0
// Keras's transfer-learning tutorial (https://www.tensorflow.org/tutorials/images/transfer_learning) in C++:
// a pretrained MobileNetV2 learns to tell two classes apart.
//   transfer_learning TRAIN TEST WEIGHTS.h5 OUT.keras [HEAD_EPOCHS FINE_TUNE_EPOCHS]
// TRAIN and TEST hold one folder of photos per class; WEIGHTS.h5 is Keras's file without the top.
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

  // 1. Photos. Options are structs with Keras's names and defaults; name only those that differ. A fifth of
  // the training photos is set aside for validation: training never sees it.
  data::ImageDatasetOptions photos{.label_mode = data::LabelMode::binary, .image_size = 160, .seed = 123};
  const auto test = data::image_dataset_from_directory(argv[2], photos);
  photos.validation_split = 0.2;
  const auto [train, validation] = data::training_and_validation_from_directory(argv[1], photos);

  // 2. The pretrained base without its classifier. Frozen: its weights do not change for now.
  Model base =
      applications::MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false, .weights = "none"});
  std::cout << load_weights(base, argv[3]).summary() << '\n';
  base.set_trainable(false);

  // 3. The model: augmentation, preprocessing, base, and a new head with one output. Calling a layer on a
  // symbolic tensor adds it to the graph; nothing is computed yet. Augmentation is active only in training.
  SymbolicTensor input = Input({160, 160, 3});  // raw RGB 0..255
  SymbolicTensor x = layers::RandomFlip({.mode = Flip::horizontal})(input);
  x = layers::RandomRotation({.factor = 0.2})(x);
  x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(x);  // to -1..1, which MobileNetV2 expects
  // training = false: BatchNormalization keeps using its moving statistics, also while the base is
  // fine-tuned.
  x = base(x, {.training = false});
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dropout({.rate = 0.2})(x);
  Model model(input, layers::Dense({.units = 1})(x));  // one logit: above 0 is the second class

  // 4. Train the head. The frozen base needs no gradients.
  const LossPtr loss = BinaryCrossentropy({.from_logits = true});
  model.compile({.optimizer = Adam({.learning_rate = 1e-4}), .loss = loss, .metrics = {"accuracy"}});
  History history = model.fit(train, {.epochs = head_epochs, .validation_data = validation});
  std::cout << "head: test accuracy " << model.evaluate(test).accuracy << '\n';

  // 5. Fine-tune: the layers from number 100 on train too, at a tenth of the rate, so that they change
  // little. Compile again after changing what is trainable.
  base.set_trainable(true);
  for (Layer& layer : base.layers().first(100)) layer.set_trainable(false);
  model.compile({.optimizer = RMSprop({.learning_rate = 1e-5}), .loss = loss, .metrics = {"accuracy"}});
  history +=
      model.fit(train, {.epochs = last_epoch, .initial_epoch = head_epochs, .validation_data = validation});
  std::cout << "fine-tuned: test accuracy " << model.evaluate(test).accuracy << '\n';

  // 6. One file with graph, weights, preprocessing and optimizer state; keras.models.load_model opens it.
  model.save(argv[4]);
  return 0;
} catch (const Error& error) {  // the one type that graft throws; the message says what to do
  std::cerr << error.what() << '\n';
  return 1;
}

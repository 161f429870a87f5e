// SPDX-License-Identifier: Apache-2.0
// The textbook's VGG16 at 48 x 48 on CIFAR-10's ten classes:
//   vgg16_cifar10 TRAIN TEST WEIGHTS|none [EPOCHS [PHOTOS [LEARNING_RATE [BATCH [SAVE]]]]]
// With VGG16's weights (without its top; any file that graft reads): a new head on the frozen base, then from
// block5_conv1 on. With "none" all layers learn from random weights. PHOTOS: how many to train on, 0 for all.
// SAVE: a file (.weights.h5) for the base's weights afterwards.
#include <iostream>

#include <graft/base/text.hpp>
#include <graft/graft.hpp>
#include <graft/training/callbacks.hpp>

using namespace graft;

namespace {

struct Settings {
  std::string train, test, weights, save;
  std::int64_t epochs = 10;
  std::size_t photos = 0;
  double rate = 1e-3;
  std::int64_t batch = 256;
};

Settings settings_of(const std::vector<std::string>& words) {
  Settings settings{.train = words.at(0), .test = words.at(1), .weights = words.at(2), .save = ""};
  if (words.size() > 3) settings.epochs = std::stoll(words[3]);
  if (words.size() > 4) settings.photos = std::stoul(words[4]);
  if (words.size() > 5) settings.rate = std::stod(words[5]);
  if (words.size() > 6) settings.batch = std::stoll(words[6]);
  if (words.size() > 7) settings.save = words[7];
  return settings;
}

/// The same share of every class: photos lie class by class.
data::Dataset some_of(const data::Dataset& photos, std::size_t wanted) {
  if (wanted == 0 || wanted >= photos.size()) return photos;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < wanted; ++i) rows.push_back(i * photos.size() / wanted);
  return photos.subset(rows, photos.options());
}

void train(Model& model, const Settings& settings, const data::Dataset& photos, const data::Dataset& test) {
  std::cout << with_commas(count_params(model.trainable_weights())) << " of "
            << with_commas(model.count_params()) << " parameters train\n";
  model.compile({.optimizer = Adam({.learning_rate = settings.rate}),
                 .loss = CategoricalCrossentropy(),
                 .metrics = {"accuracy"}});
  const auto show_step = [](TrainingState& state) {
    std::cout << "  epoch " << state.epoch + 1 << " step " << state.batch << "/" << state.batches << "  loss "
              << state.batch_loss << std::endl;
  };
  const History history =
      model.fit(photos, {.epochs = settings.epochs,
                         .callbacks = {LambdaCallback({.on_batch_end = show_step}), TerminateOnNaN()}});
  const std::vector<double> losses = history["loss"];
  for (std::size_t i = 0; i < losses.size(); ++i) {
    std::cout << "epoch " << i + 1 << "  loss " << losses[i] << "  accuracy " << history["accuracy"][i]
              << '\n';
  }
  std::cout << "test accuracy " << model.evaluate(test).accuracy << '\n';
}

int run(const Settings& settings) {
  set_random_seed(1);
  data::ImageDatasetOptions options{.label_mode = data::LabelMode::categorical,
                                    .batch_size = settings.batch,
                                    .image_size = 48,
                                    .shuffle = false,
                                    .seed = 1};
  const data::Dataset test = data::image_dataset_from_directory(settings.test, options);
  data::Dataset photos =
      some_of(data::image_dataset_from_directory(settings.train, options), settings.photos);
  data::DatasetOptions shuffled = photos.options();
  shuffled.shuffle = true;
  photos = photos.with_options(shuffled);

  Model base = applications::VGG16({.input_shape = {48, 48, 3}, .include_top = false});
  const bool pretrained = settings.weights != "none";
  if (pretrained) std::cout << saving::load_weights(base, settings.weights).summary() << '\n';
  const SymbolicTensor input = Input({48, 48, 3});  // raw RGB 0..255
  SymbolicTensor x = applications::add_preprocessing(input, applications::Preprocessing::caffe);
  x = layers::Flatten()(base(x));
  x = layers::Dense({.units = 1000, .activation = "relu"})(x);
  x = layers::Dropout({.rate = 0.3})(x);
  Model model(input, layers::Dense({.units = 10, .activation = "softmax"})(x));

  if (pretrained) {
    base.set_trainable(false);
    std::cout << "frozen base\n";
    train(model, settings, photos, test);
    bool behind = false;
    base.set_trainable(true);
    for (Layer& layer : base.layers()) {
      behind = behind || layer.name() == "block5_conv1";
      layer.set_trainable(behind);
    }
    std::cout << "from block5_conv1\n";
  } else {
    std::cout << "all layers, from random weights\n";
  }
  train(model, settings, photos, test);
  if (!settings.save.empty()) base.save_weights(settings.save);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3) {
    std::cerr
        << "usage: vgg16_cifar10 TRAIN TEST WEIGHTS|none [EPOCHS [PHOTOS [LEARNING_RATE [BATCH [SAVE]]]]]\n";
    return 2;
  }
  return run(settings_of(words));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

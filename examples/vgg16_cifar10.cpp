// SPDX-License-Identifier: Apache-2.0
// The textbook's VGG16 at 48 x 48 on CIFAR-10's ten classes:
//   vgg16_cifar10 TRAIN TEST WEIGHTS|none [NAME=VALUE...]
// With VGG16's weights (without its top; any file that graft reads): trains a new head on the frozen base,
// then also the layers from block5_conv1 on. With "none" all layers train from random weights. NAME=VALUE:
//   epochs=10             of each phase
//   photos=0              number to train on, the same share of every class; 0: all
//   learning_rate=1e-3
//   batch=256
//   optimizer=adam        or sgd: momentum 0.9
//   initializer=NAME      of the convolutions' kernels, for example he_normal; default glorot_uniform
//   start=FILE.keras      file for the whole model before training, for benchmarks/peers/vgg16_cifar10.py
//   save=FILE             file for the base's weights after training
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>

#include <graft/base/text.hpp>
#include <graft/extend/layer.hpp>
#include <graft/graft.hpp>
#include <graft/training/callbacks.hpp>

using namespace graft;

namespace {

struct Settings {
  std::string train, test, weights, optimizer = "adam", initializer, start, save;
  std::int64_t epochs = 10;
  std::size_t photos = 0;
  double rate = 1e-3;
  std::int64_t batch = 256;
};

Settings settings_of(const std::vector<std::string>& words) {
  Settings settings{.train = words.at(0), .test = words.at(1), .weights = words.at(2)};
  const std::map<std::string, std::function<void(const std::string&)>> known{
      {"epochs", [&](const std::string& value) { settings.epochs = std::stoll(value); }},
      {"photos", [&](const std::string& value) { settings.photos = std::stoul(value); }},
      {"learning_rate", [&](const std::string& value) { settings.rate = std::stod(value); }},
      {"batch", [&](const std::string& value) { settings.batch = std::stoll(value); }},
      {"optimizer", [&](const std::string& value) { settings.optimizer = value; }},
      {"initializer", [&](const std::string& value) { settings.initializer = value; }},
      {"start", [&](const std::string& value) { settings.start = value; }},
      {"save", [&](const std::string& value) { settings.save = value; }}};
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const auto found = known.find(words[i].substr(0, equals));
    if (equals == std::string::npos || found == known.end())
      throw std::invalid_argument("vgg16_cifar10: option '" + words[i] + "' is not known");
    found->second(words[i].substr(equals + 1));
  }
  return settings;
}

OptimizerPtr optimizer_of(const Settings& settings) {
  if (settings.optimizer == "adam") return Adam({.learning_rate = settings.rate});
  if (settings.optimizer == "sgd") return SGD({.learning_rate = settings.rate, .momentum = 0.9});
  throw std::invalid_argument("vgg16_cifar10: optimizer: expected adam or sgd, received " +
                              settings.optimizer);
}

/// Draws new kernels for the convolutions, each from its own stream.
void draw_kernels(const Model& base, const std::string& initializer) {
  std::uint64_t stream = 1;
  for (const VariablePtr& weight : base.weights()) {
    if (weight->name() != "kernel") continue;
    Tensor kernel(weight->shape());
    layers::initialize(initializer, stream++, kernel);
    weight->assign(kernel);
  }
}

/// The same share of every class: the photos are ordered by class.
data::Dataset some_of(const data::Dataset& photos, std::size_t wanted) {
  if (wanted == 0 || wanted >= photos.size()) return photos;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < wanted; ++i) rows.push_back(i * photos.size() / wanted);
  return photos.subset(rows, photos.options());
}

void train(Model& model, const Settings& settings, const data::Dataset& photos, const data::Dataset& test) {
  std::cout << with_commas(count_params(model.trainable_weights())) << " of "
            << with_commas(model.count_params()) << " parameters train\n";
  model.compile(
      {.optimizer = optimizer_of(settings), .loss = CategoricalCrossentropy(), .metrics = {"accuracy"}});
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

  Model base = applications::VGG16({.input_shape = {48, 48, 3}, .include_top = false, .weights = "none"});
  const bool pretrained = settings.weights != "none";
  if (pretrained) {
    std::cout << load_weights(base, settings.weights).summary() << '\n';
  } else if (!settings.initializer.empty()) {
    draw_kernels(base, settings.initializer);
  }
  const SymbolicTensor input = Input({48, 48, 3});  // raw RGB 0..255
  SymbolicTensor x = applications::add_preprocessing(input, applications::Preprocessing::caffe);
  x = layers::Flatten()(base(x));
  x = layers::Dense({.units = 1000, .activation = "relu"})(x);
  x = layers::Dropout({.rate = 0.3})(x);
  Model model(input, layers::Dense({.units = 10, .activation = "softmax"})(x));

  if (!settings.start.empty()) model.save(settings.start);
  if (pretrained) {
    base.set_trainable(false);
    std::cout << "frozen base\n";
    train(model, settings, photos, test);
    bool in_block5 = false;
    base.set_trainable(true);
    for (Layer& layer : base.layers()) {
      in_block5 = in_block5 || layer.name() == "block5_conv1";
      layer.set_trainable(in_block5);
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
    std::cerr << "usage: vgg16_cifar10 TRAIN TEST WEIGHTS|none [NAME=VALUE...]\n"
                 "NAME: epochs photos learning_rate batch optimizer initializer start save\n";
    return 2;
  }
  return run(settings_of(words));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

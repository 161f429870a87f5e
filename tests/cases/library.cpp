// SPDX-License-Identifier: Apache-2.0
// The lines of the trials that are about the library, as somebody would write them: case_library PHOTOS
// LOSSES. Prints one line each, "B4 ...", which tests/cases/trials.py reads.
#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <tuple>
#include <vector>

#include <graft/graft.hpp>

#include "graft/formats/npy.hpp"

using namespace graft;

namespace {

/// What `action` throws, or that it threw nothing.
template <typename Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

Model small_model(std::int64_t size) {
  const SymbolicTensor inputs = Input({size, size, 3});
  SymbolicTensor x = layers::Rescaling({.scale = 1.0 / 255})(inputs);
  x = layers::Flatten()(layers::Conv2D({.filters = 2, .kernel_size = 3})(x));
  return {inputs, layers::Dense({.units = 2, .activation = "softmax"})(x)};
}

void input_of_another_size() {
  Model model = small_model(96);
  model.compile(Adam(), "sparse_categorical_crossentropy", {"accuracy"});
  for (const Shape& shape : {Shape{1, 224, 224, 3}, Shape{1, 33, 50, 3}}) {
    const Tensor photos(shape);
    std::cout << "B4 " << message_of([&] { (void)model.predict(photos); }) << '\n';
    std::cout << "B4 " << message_of([&] { (void)model.train_on_batch(photos, Tensor(Shape{1})); }) << '\n';
  }
}

void rows_of_a_shuffled_data_set(const std::filesystem::path& photos) {
  const data::Dataset shuffled = data::image_dataset_from_directory(photos, {.image_size = 96, .seed = 3});
  Model model = small_model(96);
  const Tensor rows = model.predict(shuffled);
  double difference = 0;
  std::size_t other_labels = 0;
  const std::vector<std::filesystem::path> files = shuffled.file_paths();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Tensor photo = data::resize(data::load_img(files[i]), 96);
    const Tensor alone = model.predict(photo.reshape({1, 96, 96, 3}));
    for (std::size_t k = 0; k < 2; ++k)
      difference = std::max(difference, std::abs(double{rows.data()[2 * i + k]} - double{alone.data()[k]}));
    const std::string name = shuffled.class_names().at(static_cast<std::size_t>(shuffled.labels()[i]));
    if (files[i].parent_path().filename() != name) ++other_labels;
  }
  std::cout << "B5 rows " << files.size() << ", difference " << difference << ", labels of other files "
            << other_labels << '\n';
}

void names_and_weights(const std::filesystem::path& photos) {
  const Tensor pixels(Shape{1, 32, 32, 3});
  for (const char* name : {"vgg17", "resnetx", "efficientnet_b9"})
    std::cout << "B6 " << message_of([&] { (void)applications::preprocess_input(pixels, name); }) << '\n';
  std::cout << "B7 " << message_of([] { (void)applications::VGG16(); }) << '\n';
  std::cout << "C2 " << message_of([] { (void)applications::EfficientNetLite0({.weights = "imagenet"}); })
            << '\n';

  Model model = small_model(96);
  model.compile(Adam(), "sparse_categorical_crossentropy", {"accuracy"});
  const data::Dataset dataset = data::image_dataset_from_directory(photos, {.image_size = 96, .seed = 3});
  const History history = model.fit(dataset, {.epochs = 1});
  std::cout << "B8 " << message_of([&] { (void)history["val_acc"]; }) << '\n';
  model.save("case_library.keras", {"cats", "dogs"});
  std::cout << "C3";
  for (const std::string& name : Classifier::open("case_library.keras").class_names())
    std::cout << ' ' << name;
  std::cout << '\n';
}

/// Loss on labels of another activation's kind, of the two files of cases/models/loss_of_other_activation.
void losses(const std::filesystem::path& folder) {
  const auto read = [&](const char* file) { return formats::read_npy(folder / file).to(DType::float32); };
  for (const auto& [file, loss, labels] :
       {std::tuple("ma.keras", "binary_crossentropy", "y2h.npy"),
        std::tuple("mb.keras", "categorical_crossentropy", "yc.npy"),
        std::tuple("mb.keras", "sparse_categorical_crossentropy", "y.npy")}) {
    Model model = saving::load_model(folder / file).model;
    model.compile(Adam(), loss);
    std::cout << "loss " << file << ' ' << loss << ' '
              << model.test_on_batch(read("x.npy"), read(labels)).loss << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: case_library PHOTOS LOSSES\n";
    return 2;
  }
  input_of_another_size();
  rows_of_a_shuffled_data_set(argv[1]);
  names_and_weights(argv[1]);
  losses(argv[2]);
}

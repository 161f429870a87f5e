// SPDX-License-Identifier: Apache-2.0
// A user's program: trains a small network on photos that it draws itself, saves it, and classifies with the
// file. Prints "graft VERSION: N of M right"; the exit code is 0 when all are.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <graft/graft.hpp>

namespace fs = std::filesystem;
namespace layers = graft::layers;

namespace {

constexpr int kSize = 32;
constexpr int kPerClass = 20;

void draw(const fs::path& path, int red, int green, int blue) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << "P6\n" << kSize << ' ' << kSize << "\n255\n";
  for (int i = 0; i < kSize * kSize; ++i)
    out << static_cast<char>(red + i % 7) << static_cast<char>(green) << static_cast<char>(blue);
}

void draw_all(const fs::path& folder) {
  for (int i = 0; i < kPerClass; ++i) {
    draw(folder / "red" / (std::to_string(i) + ".ppm"), 180 + i, 20 + i, 30);
    draw(folder / "blue" / (std::to_string(i) + ".ppm"), 20 + i, 30, 180 + i);
  }
}

graft::Model network() {
  const graft::SymbolicTensor input = graft::Input({kSize, kSize, 3});
  graft::SymbolicTensor x = layers::Rescaling({.scale = {1 / 255.0}})(input);
  x = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu"})(x);
  x = layers::GlobalAveragePooling2D()(x);
  return graft::Model(input, layers::Dense({.units = 2, .activation = "softmax"})(x));
}

}  // namespace

int main(int argc, char** argv) try {
  const fs::path work = argc > 1 ? argv[1] : "consumer-work";
  draw_all(work / "photos");
  const auto [train, validation] = graft::data::training_and_validation_from_directory(
      work / "photos", {.image_size = kSize, .seed = 1, .validation_split = 0.2});
  graft::Model model = network();
  model.compile({.optimizer = graft::Adam({.learning_rate = 0.05}),
                 .loss = graft::SparseCategoricalCrossentropy(),
                 .metrics = {"accuracy"}});
  model.fit(train, {.epochs = 20, .validation_data = validation});
  model.save(work / "model.keras", train.class_names());

  const graft::Classifier classifier = graft::Classifier::open(work / "model.keras");
  int right = 0;
  int all = 0;
  for (const graft::PhotoPrediction& photo : classifier.predict_folder(work / "photos", {.top = 1})) {
    ++all;
    const std::string truth = fs::path(photo.path).parent_path().filename().string();
    if (photo.error.empty() && photo.predictions.front().name == truth) ++right;
  }
  std::cout << "graft " << graft::version() << ": " << right << " of " << all << " right\n";
  return all == 2 * kPerClass && right == all ? 0 : 1;
} catch (const graft::Error& error) {
  std::cerr << error.what() << '\n';
  return 2;
}

// SPDX-License-Identifier: Apache-2.0
// Shows random test photos of a training with their true and predicted names, one for each line of input:
//   guide_faces RESULT           the folder that graft train wrote
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <graft/graft.hpp>

using namespace graft;

int main(int, char** argv) {
  const std::filesystem::path folder = argv[1];
  const Classifier classifier = Classifier::open(folder);

  // The test photos are those that predictions.csv says were kept for the test:
  // file,part,fold,answered_by,truth,...
  std::vector<std::string> photos;
  std::vector<std::string> names;
  std::ifstream table(folder / "predictions.csv");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::vector<std::string> field(5);
    for (std::string& one : field) std::getline(fields, one, ',');
    if (field[1] != "test") continue;
    photos.push_back(field[0]);
    names.push_back(field[4]);
  }

  std::mt19937 random(1);
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t i = random() % photos.size();
    const Prediction best = classifier.predict(std::filesystem::path(photos[i]), {.top = 1}).front();
    std::cout << photos[i] << ": true " << names[i] << ", predicted " << best.name << ", "
              << (best.name == names[i] ? "right" : "wrong") << '\n';
  }
}

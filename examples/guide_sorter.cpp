// SPDX-License-Identifier: Apache-2.0
// A classifier inside an application:
//   guide_sorter learn PHOTOS MODEL      trains on a folder of photos per class
//   guide_sorter ask MODEL PHOTO...      prints the class of each photo
#include <iostream>
#include <string>
#include <vector>

#include <graft/graft.hpp>

namespace {

void learn(const std::string& photos, const std::string& folder) {
  const graft::TrainOptions options{.model = "efficientnet_lite0", .recipe = graft::HeadRecipe{}, .seed = 42};
  const graft::TrainResult result = graft::train(photos, options);
  graft::write_result(result, options, photos, folder);
  std::cout << "learnt " << result.class_names.size() << " classes; " << 100 * result.test_accuracy
            << " % of the photos kept for the test are right\n";
}

void ask(const std::string& folder, const std::vector<std::string>& photos) {
  const graft::Classifier classifier = graft::Classifier::open(folder);
  for (const std::string& photo : photos) {
    const graft::Prediction best = classifier.predict(std::filesystem::path(photo), {.top = 1}).front();
    std::cout << photo << ": " << best.name << ", " << 100 * best.probability << " %\n";
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "learn") {
    learn(words[1], words[2]);
  } else if (words.size() >= 3 && words[0] == "ask") {
    ask(words[1], {words.begin() + 2, words.end()});
  } else {
    std::cerr << "usage: sorter learn PHOTOS MODEL, or sorter ask MODEL PHOTO...\n";
    return 2;
  }
  return 0;
} catch (const graft::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

// SPDX-License-Identifier: Apache-2.0
#include "run_folder.hpp"

#include <fstream>

#include "graft/classify/predictions.hpp"

namespace graft::test {
void write_small_picture(const std::filesystem::path& file, int level) {
  if (std::filesystem::exists(file)) return;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << "P6\n12 8\n255\n";
  for (int i = 0; i < 12 * 8; ++i)
    out << static_cast<char>(level) << static_cast<char>(2 * i) << static_cast<char>(level);
}

PhotoAnswers two_classes(const std::vector<int>& truth, const std::vector<float>& of_one) {
  const std::size_t count = truth.size();
  PhotoAnswers answers{.files = {},
                       .parts = std::vector<Part>(count, Part::test),
                       .folds = std::vector<std::size_t>(count, 0),
                       .by_model = std::vector<bool>(count, true),
                       .truth = truth,
                       .probabilities = Tensor({static_cast<std::int64_t>(count), 2})};
  for (std::size_t i = 0; i < count; ++i) {
    answers.files.emplace_back("/photos/" + std::to_string(truth[i]) + "/" + std::to_string(i) + ".jpg");
    answers.probabilities.data<float>()[2 * i] = 1 - of_one[i];
    answers.probabilities.data<float>()[2 * i + 1] = of_one[i];
  }
  return answers;
}

void write_run(const std::filesystem::path& folder, const std::vector<std::string>& classes,
               const std::vector<TestPhoto>& photos, const Json& more) {
  std::filesystem::create_directories(folder);
  std::vector<int> truth;
  std::vector<float> of_one;
  for (const TestPhoto& photo : photos) {
    truth.push_back(photo.truth);
    of_one.push_back(photo.of_one);
  }
  PhotoAnswers answers = two_classes(truth, of_one);
  for (std::size_t i = 0; i < photos.size(); ++i) {
    answers.files[i] = photos[i].file;
    answers.parts[i] = photos[i].part;
    answers.by_model[i] = photos[i].part == Part::test;
    answers.folds[i] = photos[i].part == Part::train ? 1 : 0;
    write_small_picture(photos[i].file, static_cast<int>(i));
  }
  std::ofstream(folder / "predictions.csv") << predictions_csv(answers, classes);
  Json result{{"classes", classes}, {"notes", {"split by content"}}, {"seconds", {{"head", 1.5}}}};
  result.update(more);
  std::ofstream(folder / "result.json") << result.dump();
}

}  // namespace graft::test

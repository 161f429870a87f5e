// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"
#include "graft/layers.hpp"

#include "support.hpp"

namespace graft::classify {
namespace {

namespace fs = std::filesystem;

TEST(Evaluate, CountsRightAnswersLossAndConfusion) {
  Tensor rows({3, 2});
  const std::vector<float> values{0.9F, 0.1F, 0.4F, 0.6F, 0.8F, 0.2F};
  std::ranges::copy(values, rows.data().begin());
  const Evaluation found = evaluate(rows, {0, 1, 1});
  EXPECT_EQ(found.photos, 3U);
  EXPECT_EQ(found.right, 2U);
  EXPECT_NEAR(found.accuracy, 2.0 / 3, 1e-12);
  EXPECT_EQ(found.interval, wilson_interval(2, 3));
  EXPECT_NEAR(found.loss, -(std::log(0.9) + std::log(0.6) + std::log(0.2)) / 3, 1e-6);
  EXPECT_EQ(found.confusion, (std::vector<std::vector<std::int64_t>>{{1, 0}, {1, 1}}));
}

TEST(Evaluate, ClassFiguresShowWhatAccuracyHides) {
  // 36 good, all found; of 9 defects of two kinds four.
  const ClassFigures found = class_figures({{36, 0, 0, 0}, {3, 3, 0, 0}, {2, 0, 1, 0}, {0, 0, 0, 0}});
  EXPECT_EQ(found.photos, (std::vector<std::int64_t>{36, 6, 3, 0}));
  EXPECT_EQ(found.recall, (std::vector<double>{1, 0.5, 1.0 / 3, 0}));
  EXPECT_NEAR(found.precision[0], 36.0 / 41, 1e-12);
  EXPECT_NEAR(found.balanced_accuracy, (1 + 0.5 + 1.0 / 3) / 3, 1e-12);  // of classes with photos
  EXPECT_EQ(found.most_frequent, 0U);
  EXPECT_NEAR(found.trivial_accuracy, 36.0 / 45, 1e-12);
}

TEST(Evaluate, LevelsOfNamesCountClassesTogether) {
  const std::vector<std::string> names{"animal/cat", "animal/dog/poodle", "animal/dog/pug", "plant/rose"};
  // Of 3 cats one is a poodle; a pug is a poodle; a rose is a cat.
  const auto levels = level_figures(names, {{2, 1, 0, 0}, {0, 4, 0, 0}, {0, 1, 5, 0}, {1, 0, 0, 6}});
  ASSERT_EQ(levels.size(), 2U);
  EXPECT_EQ(levels[0].level, 1U);
  EXPECT_EQ(levels[0].names, (std::vector<std::string>{"animal", "plant"}));
  EXPECT_EQ(levels[0].right, 19U);
  EXPECT_EQ(levels[0].photos, 20U);
  EXPECT_EQ(levels[0].accuracy, 19.0 / 20);
  EXPECT_EQ(levels[0].interval, wilson_interval(19, 20));
  EXPECT_EQ(levels[0].confusion, (std::vector<std::vector<std::int64_t>>{{13, 0}, {1, 6}}));
  EXPECT_EQ(levels[1].names, (std::vector<std::string>{"animal/cat", "animal/dog", "plant/rose"}));
  EXPECT_EQ(levels[1].right, 18U);
  const Json json = to_json(levels);
  EXPECT_EQ(json[1]["level"], 2);
  EXPECT_EQ(json[0]["accuracy_interval"][0], wilson_interval(19, 20).low);
}

TEST(Evaluate, NamesThatCountNothingTogetherHaveNoLevels) {
  const std::vector<std::vector<std::int64_t>> confusion{{1, 0}, {0, 1}};
  EXPECT_TRUE(level_figures({"a", "b"}, confusion).empty());
  EXPECT_TRUE(level_figures({"n/a", "b"}, confusion).empty());                  // each by itself
  EXPECT_TRUE(level_figures({"animal/cat", "animal/dog"}, confusion).empty());  // all one
  EXPECT_TRUE(level_figures({"crane", "crane"}, confusion).empty());            // names of ImageNet
  EXPECT_TRUE(level_figures({"a/b", "a/c", "d/e"}, {}).empty());                // no figures
}

/// Two photos in each of these folders; red where the name ends so, else dark.
void write_photos(const fs::path& root, const std::vector<std::string>& folders) {
  for (const std::string& name : folders) {
    fs::create_directories(root / name);
    for (const char* file : {"1.ppm", "2.ppm"}) {
      std::ofstream out(root / name / file, std::ios::binary);
      out << "P6\n2 2\n255\n";
      for (int i = 0; i < 12; ++i) out.put(i % 3 == 0 && name.ends_with("red") ? '\xff' : '\0');
    }
  }
}

/// names: of red photos, then of dark ones.
Classifier red_or_dark(const std::vector<std::string>& names) {
  const SymbolicTensor input = Input({4, 4, 3});
  const Layer head = layers::Dense({.units = 2});
  const Model model(input, head(layers::GlobalAveragePooling2D()(input)));
  head.weights()[0]->assign(Tensor::full({3, 2}, 0));
  head.weights()[0]->mutable_value().data()[0] = 1.0F / 255;
  head.weights()[1]->mutable_value().data()[1] = 0.5F;
  return {model, {{"class_names", names}, {"output", "logits"}}};
}

TEST(Evaluate, NestedFoldersAreFoundByTheNamesOfTheClasses) {
  const test::TemporaryFolder folder;
  write_photos(folder.path(), {"a/dark", "b/red"});
  const Classifier classifier = red_or_dark({"b/red", "a/dark"});
  EXPECT_TRUE(has_nested_classes(classifier.class_names()));
  EXPECT_EQ(evaluate(classifier, folder.path()).right, 4U);
}

TEST(Evaluate, AFolderIsMatchedToTheClassesByName) {
  const test::TemporaryFolder folder;
  // Two classes, red and dark; the folders are in another order than the model's classes.
  write_photos(folder.path(), {"dark", "red"});
  std::ofstream(folder.path() / "red" / "3.jpg") << "no photo";
  const Classifier classifier = red_or_dark({"red", "dark"});
  const Evaluation found = evaluate(classifier, folder.path());
  EXPECT_EQ(found.photos, 4U);
  EXPECT_EQ(found.right, 4U);
  ASSERT_EQ(found.left_out.size(), 1U);
  EXPECT_EQ(found.left_out[0].path.filename(), "3.jpg");
  fs::rename(folder.path() / "dark", folder.path() / "black");
  EXPECT_THROW((void)evaluate(classifier, folder.path()), Error);
  EXPECT_THROW((void)evaluate(classifier, folder.path(), {.views = 0}), Error);
}

}  // namespace
}  // namespace graft::classify

// SPDX-License-Identifier: Apache-2.0
// The steps of Keras's guides by command: a new head on a frozen base, fine-tuning, features before the top.
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

/// Red and blue pictures, 20 of each. first: of their numbers, which decide their colours.
void write_two_classes(const fs::path& folder, int first = 0, int count = 20) {
  for (int i = first; i < first + count; ++i) {
    write_picture(folder / "red" / (std::to_string(i) + ".ppm"), 200 + i, 5 * i, 0);
    write_picture(folder / "blue" / (std::to_string(i) + ".ppm"), 0, 5 * i, 200 + i);
  }
}

class CliGuide : public testing::Test {
 protected:
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, folder_.path()); }
  [[nodiscard]] fs::path path(const std::string& name) const { return folder_.path() / name; }

  TemporaryFolder folder_;
};

TEST_F(CliGuide, AHeadOnAFrozenVgg16ThenFineTuning) {
  write_two_classes(path("colours"));
  // Dropout and Dense layers on a frozen base.
  const Outcome edit =
      run({"edit", "vgg16", "--weights", "none", "--input-size", "32", "--classes", "blue,red", "--hidden",
           "8", "--dropout", "0.5", "--fine-tune-from", "head_dense_1", "-o", "new.keras"});
  ASSERT_EQ(edit.code, 0) << edit.err;
  EXPECT_NE(edit.out.find("22 of 25 layers frozen"), std::string::npos) << edit.out;
  EXPECT_NE(edit.err.find("random weights"), std::string::npos) << edit.err;
  // Preprocessing is counted apart: the article's number of parameters.
  constexpr int kBase = 14714688, kHidden = 512 * 8 + 8, kLast = 8 * 2 + 2;
  EXPECT_NE(edit.out.find("14,718,810 after, and 12 of the preprocessing"), std::string::npos) << edit.out;
  EXPECT_EQ(kBase + kHidden + kLast, 14718810);
  const Json summary = run({"summary", "new.keras", "--json"}).json();
  EXPECT_EQ(summary["trainable_params"], kHidden + kLast);
  EXPECT_EQ(summary["preprocessing_params"], 12);
  // Accuracy before training.
  const Outcome before = run({"evaluate", "new.keras", "colours", "--json"});
  ASSERT_EQ(before.code, 0) << before.err;
  // What the file says is frozen stays frozen.
  const Outcome head =
      run({"train", "colours", "--model", "new.keras", "--epochs", "1", "--out", "head", "--json"});
  ASSERT_EQ(head.code, 0) << head.err;
  EXPECT_EQ(head.json()["facts"]["network"]["trainable_parameters"], kHidden + kLast);
  // From a layer of the base on, which is a model within the model.
  constexpr int kBlock5 = 3 * (3 * 3 * 512 * 512 + 512);
  const Outcome tuned = run({"train", "colours", "--from", "head", "--fine-tune-from", "block5_conv1",
                             "--epochs", "1", "--learning-rate", "1e-5", "--out", "tuned", "--json"});
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  EXPECT_EQ(tuned.json()["facts"]["network"]["trainable_parameters"], kBlock5 + kHidden + kLast);
  EXPECT_NE(tuned.json()["notes"].dump().find("17 of 25 layers are frozen"), std::string::npos)
      << tuned.json()["notes"].dump();
}

TEST_F(CliGuide, SummaryOfABaseWithPoolingAndFrozenLayers) {
  const auto trainable = [&](Words words) {
    words.insert(words.begin(), {"summary", "vgg16", "--json"});
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json()["trainable_params"].get<int>();
  };
  EXPECT_EQ(trainable({"--no-top", "--pooling", "avg"}), 14714688);
  EXPECT_EQ(
      run({"summary", "vgg16", "--no-top", "--pooling", "max", "--json"}).json()["layers"].back()["class"],
      "GlobalMaxPooling2D");
  EXPECT_EQ(trainable({"--classes", "10"}), 138357544 - 4097 * 990);
  EXPECT_EQ(trainable({"--no-top", "--freeze", "*"}), 0);
  EXPECT_EQ(trainable({"--no-top", "--fine-tune-from", "block5_conv1"}), 3 * (3 * 3 * 512 * 512 + 512));
  for (const Words& words : {Words{"--pooling", "avg"}, Words{"--no-top", "--classes", "3"}}) {
    Words all{"summary", "vgg16"};
    all.insert(all.end(), words.begin(), words.end());
    EXPECT_EQ(run(all).code, 2) << words.back();
  }
}

TEST_F(CliGuide, FeaturesBeforeThePredictions) {
  write_picture(path("red.ppm"), 255, 0, 0);
  const auto shape = [&](const std::string& model, const Words& more) {
    Words words{"features", model, "red.ppm", "-o", "f.npy", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json()["shape"];
  };
  const Words random{"--weights", "none"};
  EXPECT_EQ(shape("mobilenet_v2", random), (Json{1, 1280}));
  EXPECT_EQ(shape("mobilenet_v2", {"--weights", "none", "--top"}), (Json{1, 1280}));
  EXPECT_EQ(shape("alexnet", {"--weights", "none", "--top"}), (Json{1, 4096}));
  EXPECT_EQ(run({"features", "alexnet", "red.ppm", "-o", "f.npy", "--top", "--layer", "fc2"}).code, 2);
  const Outcome noise = run({"features", "alexnet", "red.ppm", "-o", "f.npy", "--weights", "none"});
  EXPECT_NE(noise.err.find("random weights"), std::string::npos) << noise.err;
}

TEST_F(CliGuide, FrozenLayersAreCountedAsKerasCountsThem) {
  write_two_classes(path("colours"));
  const Outcome outcome =
      run({"train", "colours", "--weights", "none", "--model", "mobilenet_v2", "--image-size", "32",
           "--recipe", "tutorial", "--epochs", "0", "--fine-tune-epochs", "1", "--out", "o", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string notes = outcome.json()["notes"].dump();
  EXPECT_NE(notes.find("100 of 154 layers stay frozen"), std::string::npos) << notes;
}

TEST_F(CliGuide, RandomWeightsAreNotedInTraining) {
  write_two_classes(path("colours"));
  const Outcome outcome = run({"train", "colours", "--weights", "none", "--model", "mobilenet_v2",
                               "--image-size", "32", "--recipe", "head", "--out", "o", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.json()["notes"].dump().find("random weights"), std::string::npos) << outcome.out;
}

TEST_F(CliGuide, ARoundWithoutTestPhotosNamesTheOption) {
  write_two_classes(path("colours"));
  write_two_classes(path("more"), 20, 10);
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor x = layers::GlobalAveragePooling2D()(layers::Rescaling({.scale = {1 / 255.0}})(input));
  Model(input, layers::Dense({.units = 2, .activation = "softmax"})(x)).save(path("own.keras"));
  ASSERT_EQ(
      run({"train", "colours", "--test", "more", "--model", "own.keras", "--epochs", "1", "--out", "r1"})
          .code,
      0);
  const Outcome outcome = run({"train", "colours", "--from", "r1", "--out", "r2"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--test: none of the "), std::string::npos) << outcome.err;
  EXPECT_EQ(run({"train", "colours", "--from", "r1", "--test", "more", "--out", "r2"}).code, 0);
}

}  // namespace
}  // namespace graft::test

// SPDX-License-Identifier: Apache-2.0
// graft train: each option has an effect or is an error, and settings.json records what was used.
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

/// Red and blue pictures, 20 of each.
void write_colours(const fs::path& folder) {
  for (int i = 0; i < 20; ++i) {
    write_picture(folder / "red" / (std::to_string(i) + ".ppm"), 200 + 2 * i, 10 * i, 0);
    write_picture(folder / "blue" / (std::to_string(i) + ".ppm"), 0, 10 * i, 200 + 2 * i);
  }
}

/// Two convolutions and a head for 8 x 8 pixels.
Model own_network() {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
  x = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu", .name = "block1_conv"})(x);
  x = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu", .name = "block2_conv"})(x);
  x = layers::GlobalAveragePooling2D()(x);
  return {input, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(x)};
}

Words with_words(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(CliRecipes, AnOptionWithoutEffectIsAnError) {
  const TemporaryFolder folder;
  write_colours(folder.path() / "colours");
  own_network().save(folder.path() / "own.keras");
  const Words own{"--model", "own.keras"};
  const std::vector<std::pair<Words, std::string>> cases{
      {{"--recipe", "head", "--fine-tune-from", "blok5"}, "--fine-tune-from"},
      {{"--recipe", "head", "--freeze", "x"}, "--freeze"},
      {{"--recipe", "head", "--augment", "strong"}, "--augment"},
      {{"--recipe", "head", "--epochs", "3"}, "--epochs"},
      {{"--recipe", "head", "--learning-rate", "0.1"}, "--learning-rate"},
      {{"--recipe", "head", "--budget", "1m"}, "--budget"},
      {{"--fine-tune-epochs", "2"}, "--fine-tune-epochs"},
      {{"--layer-decay", "0.5"}, "--layer-decay"},
      {{"--l2-sp", "0.5"}, "--l2-sp"},
      {{"--unfreeze-gradually", "3"}, "--unfreeze-gradually"},
      {{"--head-c", "2"}, "--head-c"},
      {{"--recipe", "tutorial", "--views", "4"}, "--views"},
      {{"--recipe", "tutorial", "--head", "logistic"}, "--head"},
      {{"--recipe", "network"}, "--recipe"},
      {{"--head", "logistic", "--epochs", "2"}, "--epochs"},
      {{"--recipe", "head", "--batch-size", "4"}, "--batch-size"},
      {{"--head", "logistic", "--batch-size", "4"}, "--batch-size"},
      {{"--recipe", "head", "--checkpoint-seconds", "1"}, "--checkpoint-seconds"},
      {{"--budget", "1m", "--checkpoint-seconds", "1"}, "--checkpoint-seconds"},
      {{"--head", "logistic", "--recipe", "auto"}, "--recipe auto"},
      {{"--head", "logistic", "--head-gamma", "0.1"}, "--head-gamma"},
      {{"--head", "rbf_svm", "--head-neighbours", "3"}, "--head-neighbours"},
      {{"--head", "knn", "--head-c", "3"}, "--head-c"},
      {{"--recipe", "tutorial", "--fine-tune-epochs", "0", "--freeze", "block*"}, "--freeze"},
      {{"--recipe", "tutorial", "--fine-tune-epochs", "0", "--fine-tune-from", "90"}, "--fine-tune-from"},
      {{"--recipe", "tutorial", "--fine-tune-epochs", "0", "--l2-sp", "0.1"}, "--l2-sp"},
      {{"--recipe", "tutorial", "--class-weight", "balanced", "--augment", "mixup"}, "--class-weight"},
      {with_words(own, {"--weights", "none"}), "--weights"},
      {with_words(own, {"--duplicates", "ignore"}), "--duplicates"},
      {with_words(own, {"--recipe", "head", "--batch-size", "4"}), "--batch-size"},
      {with_words(own, {"--augment", "strong"}), "--augment"},
      {with_words(own, {"--views", "4"}), "--views"},
      {with_words(own, {"--calibrate"}), "--calibrate"},
      {with_words(own, {"--recipe", "tutorial"}), "--recipe tutorial"},
      {with_words(own, {"--recipe", "head", "--freeze", "block1*"}), "--freeze"},
      {with_words(own, {"--head", "logistic"}), "--head"},
  };
  for (const auto& [words, named] : cases) {
    const Outcome outcome =
        run_graft(with_words({"train", "colours", "--out", "out", "--quiet"}, words), folder.path());
    EXPECT_EQ(outcome.code, 2) << named << ' ' << words.back() << outcome.err;
    EXPECT_NE(outcome.err.find(named), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(folder.path() / "out"));
  }
  EXPECT_EQ(run_graft({"lr-find", "colours", "--freeze", "block*"}, folder.path()).code, 2);
}

TEST(CliRecipes, LayersOfAUsersNetworkStayFrozen) {
  const TemporaryFolder folder;
  write_colours(folder.path() / "colours");
  own_network().save(folder.path() / "own.keras");
  const Words train{"train", "colours", "--model", "own.keras", "--epochs", "1", "--json", "--out"};
  const auto trainable = [&](const std::string& out, const Words& more) {
    const Outcome outcome = run_graft(with_words(with_words(train, {out}), more), folder.path());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json()["facts"]["network"]["trainable_parameters"].get<int>();
  };
  constexpr int kFirst = 3 * 3 * 3 * 4 + 4, kSecond = 3 * 3 * 4 * 4 + 4, kHead = 4 * 2 + 2;
  EXPECT_EQ(trainable("all", {}), kFirst + kSecond + kHead);
  EXPECT_EQ(trainable("pattern", {"--freeze", "block*"}), kHead);
  EXPECT_EQ(trainable("from", {"--fine-tune-from", "block2_conv"}), kSecond + kHead);
  const Json settings = read_json(folder.path() / "from" / "settings.json");
  EXPECT_EQ(settings["fine_tune_from"], "block2_conv");
  EXPECT_EQ(settings["recipe"], "network");
  const Outcome unknown =
      run_graft(with_words(with_words(train, {"no"}), {"--freeze", "blok*"}), folder.path());
  EXPECT_NE(unknown.code, 0);
  EXPECT_NE(unknown.err.find("blok*"), std::string::npos) << unknown.err;
  // A later round too.
  const Outcome round =
      run_graft({"train", "colours", "--from", "all", "--freeze", "block1*", "--out", "round", "--json"},
                folder.path());
  ASSERT_EQ(round.code, 0) << round.err;
  EXPECT_EQ(round.json()["facts"]["network"]["trainable_parameters"], kSecond + kHead);
}

TEST(CliRecipes, AnUnknownLayerIsFoundBeforePhotosAreRead) {
  const TemporaryFolder folder;
  write_colours(folder.path() / "colours");
  own_network().save(folder.path() / "own.keras");
  const Words tutorial{"--weights", "none", "--image-size", "32", "--recipe", "tutorial"};
  const Words own{"--model", "own.keras"};
  const Words earlier{"--from", "own"};
  ASSERT_EQ(
      run_graft({"train", "colours", "--model", "own.keras", "--epochs", "1", "--out", "own"}, folder.path())
          .code,
      0);
  for (const Words& model : {own, tutorial, earlier}) {
    for (const Words& layers : {Words{"--freeze", "blok*"}, Words{"--fine-tune-from", "blok5"}}) {
      const Outcome refused = run_graft(
          with_words({"train", "colours", "--out", "no"}, with_words(model, layers)), folder.path());
      EXPECT_EQ(refused.code, 3) << refused.err;
      EXPECT_NE(refused.err.find("blok"), std::string::npos) << refused.err;
      EXPECT_EQ(refused.err.find("2 classes"), std::string::npos)
          << refused.err;  // said when photos are read
      EXPECT_FALSE(fs::exists(folder.path() / "no"));
    }
  }
}

TEST(CliRecipes, DownloadWithNothingToDownloadIsAnError) {
  const TemporaryFolder folder;
  write_colours(folder.path() / "colours");
  const Outcome outcome = run_graft(
      {"train", "colours", "--model", "mobilenet_v2", "--weights", "none", "--download"}, folder.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err.find("graft: --download: has no effect with --weights none"), 0U) << outcome.err;
}

TEST(CliRecipes, TheTutorialUsesTheLearningRatesThatAreRecorded) {
  const TemporaryFolder folder;
  write_colours(folder.path() / "colours");
  const Words train{"train",    "colours",  "--weights", "none", "--image-size",       "32",
                    "--recipe", "tutorial", "--epochs",  "1",    "--fine-tune-epochs", "1",
                    "--json",   "--out"};
  const auto notes = [&](const std::string& out, const Words& more) {
    const Outcome outcome = run_graft(with_words(with_words(train, {out}), more), folder.path());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json()["notes"].dump();
  };
  const std::string plain = notes("plain", {});
  EXPECT_NE(plain.find("Adam at 0.0001"), std::string::npos) << plain;
  EXPECT_NE(plain.find("RMSprop at 1e-05"), std::string::npos) << plain;
  const std::string given = notes("given", {"--learning-rate", "0.02"});
  EXPECT_NE(given.find("Adam at 0.02"), std::string::npos) << given;
  EXPECT_NE(given.find("RMSprop at 0.002"), std::string::npos) << given;
  EXPECT_EQ(read_json(folder.path() / "given" / "settings.json")["rounds"]["learning_rate"], 0.02);
  const std::string both = notes("both", {"--fine-tune-learning-rate", "0.003"});
  EXPECT_NE(both.find("RMSprop at 0.003"), std::string::npos) << both;
  EXPECT_EQ(read_json(folder.path() / "both" / "settings.json")["tuning"]["fine_tune_learning_rate"], 0.003);
}

}  // namespace
}  // namespace graft::test

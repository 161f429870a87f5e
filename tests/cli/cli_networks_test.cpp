// SPDX-License-Identifier: Apache-2.0
// graft train without --model: the network is chosen by measuring; and two networks side by side.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/catalogue.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// A folder of pictures in two colours, and a computer with the (random) weights of two networks.
class CliNetworks : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) {
      write_picture(folder_.path() / "p" / "red" / (std::to_string(i) + ".ppm"), 150 + i, 10 + 3 * i, 10);
      write_picture(folder_.path() / "p" / "blue" / (std::to_string(i) + ".ppm"), 10, 10 + 3 * i, 150 + i);
    }
    fs::create_directory(weights());
    for (const char* variable : {"GRAFT_WEIGHTS", "HOME", "XDG_CACHE_HOME", "GRAFT_HOME"})
      setenv(variable, weights().c_str(), 1);
    set_random_seed(1);
    save("mobilenet_v2");
    save("mobilenet");
  }
  void TearDown() override {
    for (const char* variable : {"GRAFT_WEIGHTS", "GRAFT_HOME"}) unsetenv(variable);
  }

  [[nodiscard]] fs::path weights() const { return folder_.path() / "weights"; }
  void save(const std::string& name) const {
    const applications::Application& application = applications::find_application(name);
    const Model model = application.build({.include_top = false, .weights = "none"});
    saving::save_weights(model, weights() / application.published_weights({.include_top = false}).file);
  }
  void save(const std::string& name, double alpha, const fs::path& file) const {
    const Model model = applications::find_application(name).build(
        {.input_shape = {32, 32, 3}, .include_top = false, .weights = "none", .alpha = alpha});
    saving::save_weights(model, file);
  }
  [[nodiscard]] Outcome train(const std::string& out, const Words& more = {}) const {
    Words words{"train", "p", "--image-size", "32", "--recipe", "head", "--json", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return run_graft(words, folder_.path());
  }
  [[nodiscard]] Json settings_of(const std::string& out) const {
    std::ifstream file(folder_.path() / out / "settings.json");
    return Json::parse(file);
  }

  TemporaryFolder folder_;
};

TEST_F(CliNetworks, TheNetworkIsChosenByMeasuring) {
  const Outcome outcome = train("r1");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json result = outcome.json();
  const Json& networks = result["facts"]["networks"];
  ASSERT_GE(networks.size(), 2U);
  std::string chosen;
  double chosen_loss = 0;
  double least_single = 1e9;
  for (const Json& one : networks) {
    const auto model = one["model"].get<std::string>();
    if (model.find('+') == std::string::npos)
      least_single = std::min(least_single, one["loss"].get<double>());
    if (!one["chosen"].get<bool>()) continue;
    EXPECT_TRUE(chosen.empty()) << "two are chosen";
    chosen = model;
    chosen_loss = one["loss"].get<double>();
  }
  ASSERT_FALSE(chosen.empty());
  EXPECT_LE(chosen_loss, least_single);
  EXPECT_EQ(settings_of("r1")["model"], chosen);
  EXPECT_EQ(settings_of("r1")["tuning"]["calibrate"], true);  // the default
  // None of the judged photos is a test photo.
  EXPECT_LE(networks[0]["photos"].get<std::size_t>() + result["photos"]["test"].get<std::size_t>(), 40U);
  // The same choice and the same weights again.
  ASSERT_EQ(train("r2").code, 0);
  std::ifstream first(folder_.path() / "r1" / "predictions.csv");
  std::ifstream second(folder_.path() / "r2" / "predictions.csv");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(first), {}),
            std::string(std::istreambuf_iterator<char>(second), {}));
}

TEST_F(CliNetworks, SingleForbidsTwoNetworks) {
  const Outcome outcome = train("r", {"--single", "--no-calibrate"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(settings_of("r")["tuning"]["calibrate"], false);
  const Json networks = outcome.json()["facts"]["networks"];
  EXPECT_FALSE(networks.empty());
  for (const Json& one : networks) EXPECT_EQ(one["model"].get<std::string>().find('+'), std::string::npos);
  EXPECT_EQ(train("x", {"--single", "--model", "mobilenet_v2"}).code, 2);
}

TEST_F(CliNetworks, TwoNetworksAreOneModelFile) {
  const Outcome outcome = train("r", {"--model", "mobilenet_v2+mobilenet"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(settings_of("r")["model"], "mobilenet_v2+mobilenet");
  const Outcome predicted = run_graft({"predict", "r", "p/red/3.ppm", "--json"}, folder_.path());
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  // The file's answer is the one in predictions.csv, for a test photo, which the model itself answered.
  std::ifstream csv(folder_.path() / "r" / "predictions.csv");
  std::string line;
  std::string tested;
  while (std::getline(csv, line)) {
    if (line.find(",test,") != std::string::npos) tested = line;
  }
  ASSERT_FALSE(tested.empty());
  const std::string file = tested.substr(0, tested.find(','));
  const double blue = std::stod(tested.substr(tested.rfind(',', tested.rfind(',') - 1) + 1));
  const Json again = run_graft({"predict", "r", file, "--json", "--top", "2"}, folder_.path()).json();
  for (const Json& one : again["photos"][0]["predictions"]) {
    if (one["name"] == "blue") {
      EXPECT_NEAR(one["probability"].get<double>(), blue, 1e-5);
    }
  }
}

/// Pictures whose colour says nothing about their class: heads err, so that networks are fine-tuned.
void write_noise(const fs::path& folder) {
  for (int i = 0; i < 24; ++i) {
    const std::string name = std::to_string(i) + ".ppm";
    write_picture(folder / "a" / name, (i * 83) % 256, (i * 147) % 256, (i * 211) % 256);
    write_picture(folder / "b" / name, (i * 97 + 31) % 256, (i * 179 + 7) % 256, (i * 61 + 90) % 256);
  }
}

Words noise_words(const std::string& out) {
  return {"train",
          "noise",
          "--model",
          "mobilenet_v2+mobilenet",
          "--image-size",
          "32",
          "--epochs",
          "2",
          "--out",
          out,
          "--precision",
          "float32",
          "--json",
          "--threads",
          "1"};
}

TEST_F(CliNetworks, BothNetworksAreFineTuned) {
  write_noise(folder_.path() / "noise");
  const Outcome outcome = run_graft(noise_words("r"), folder_.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json facts = outcome.json()["facts"];
  ASSERT_TRUE(facts.contains("second_network")) << facts;
  EXPECT_TRUE(facts.contains("fine_tuning"));
  EXPECT_TRUE(facts["second_network"].contains("fine_tuning"));
  std::ifstream history(folder_.path() / "r" / "history.csv");
  const std::string rows(std::istreambuf_iterator<char>(history), {});
  EXPECT_NE(rows.find("mobilenet_v2: fine-tuning"), std::string::npos) << rows;
  EXPECT_NE(rows.find("mobilenet: fine-tuning"), std::string::npos) << rows;
  // The same bits again.
  ASSERT_EQ(run_graft(noise_words("r2"), folder_.path()).code, 0);
  std::ifstream first(folder_.path() / "r" / "predictions.csv");
  std::ifstream second(folder_.path() / "r2" / "predictions.csv");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(first), {}),
            std::string(std::istreambuf_iterator<char>(second), {}));
}

TEST_F(CliNetworks, TheHeadIsSavedBeforeFineTuning) {
  write_noise(folder_.path() / "noise");
  Words words = noise_words("r");
  words[7] = "2000";
  EXPECT_EQ(stop_graft(words, folder_.path(), folder_.path() / "r" / "model.keras", SIGKILL), -1);
  ASSERT_FALSE(fs::exists(folder_.path() / "r" / "result.json"));
  const Outcome predicted = run_graft({"predict", "r", "noise/a/3.ppm", "--json"}, folder_.path());
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(predicted.json()["photos"][0]["predictions"].size(), 2U) << predicted.out;
  // The run continues from there, to the model of an uninterrupted one.
  words[7] = "2";
  fs::remove(folder_.path() / "r" / "unfinished.state");
  words.emplace_back("--resume");
  const Outcome resumed = run_graft(words, folder_.path());
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(fs::exists(folder_.path() / "r" / "result.json"));
}

TEST_F(CliNetworks, AnObjectiveIsKeptWithTheSettings) {
  const Outcome outcome = train("r", {"--model", "mobilenet", "--optimize", "recall=blue"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["facts"]["optimize"], "recall=blue");
  EXPECT_EQ(settings_of("r")["optimize"], "recall=blue");
  ASSERT_EQ(run_graft({"train", "--settings", "r", "--out", "again"}, folder_.path()).code, 0);
  EXPECT_EQ(settings_of("again")["optimize"], "recall=blue");
  for (const Words& wrong : {Words{"--optimize", "recall=green"}, Words{"--optimize", "f1"},
                             Words{"--optimize", "balanced", "--class-weight", "balanced"},
                             Words{"--optimize", "balanced", "--head", "logistic"}}) {
    Words words{"--model", "mobilenet"};
    words.insert(words.end(), wrong.begin(), wrong.end());
    const Outcome refused = train("x", words);
    EXPECT_EQ(refused.code, 2) << refused.err;
    EXPECT_NE(refused.err.find("optimize"), std::string::npos) << refused.err;
  }
}

TEST_F(CliNetworks, WeightsThatCannotBeReadAreNamedAndNotUsed) {
  const applications::Application& resnet = applications::find_application("resnet50");
  std::ofstream(weights() / resnet.published_weights({.include_top = false}).file) << "x";
  const Outcome outcome = train("r");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("resnet50  not tried"), std::string::npos) << outcome.err;
}

TEST_F(CliNetworks, AnUnknownSecondNetworkIsNamed) {
  const Outcome outcome = train("r", {"--model", "mobilenet_v2+mobilenetz"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_NE(outcome.err.find("mobilenetz"), std::string::npos) << outcome.err;
}

TEST_F(CliNetworks, ANarrowNetworkHasAnAlpha) {
  const fs::path file = folder_.path() / "narrow.weights.h5";
  save("mobilenet_v2", 0.35, file);
  const Words narrow{"--model", "mobilenet_v2", "--weights", file.string(), "--alpha", "0.35"};
  const Outcome trained = train("narrow", narrow);
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(settings_of("narrow")["alpha"], 0.35);
  const Outcome features = run_graft(
      {"features", "mobilenet_v2", "p", "--weights", file.string(), "--alpha", "0.35", "-o", "f.npy"},
      folder_.path());
  EXPECT_EQ(features.code, 0) << features.err;
  const Outcome summary = run_graft(
      {"summary", "mobilenet_v2", "--no-top", "--weights", file.string(), "--alpha", "0.35"}, folder_.path());
  EXPECT_EQ(summary.code, 0) << summary.err;
  EXPECT_NE(summary.out.find("410,208"), std::string::npos) << summary.out;
  const Outcome automatic = train("automatic", {"--alpha", "0.35"});
  EXPECT_EQ(automatic.code, 2);
  EXPECT_NE(automatic.err.find("--alpha"), std::string::npos) << automatic.err;
}

TEST_F(CliNetworks, OnlyTheFileOfTheSizeIsNeeded) {
  const applications::ApplicationOptions for_96{
      .input_shape = {96, 96, 3}, .include_top = false, .alpha = 0.35};
  const std::string file = applications::find_application("mobilenet_v2").published_weights(for_96).file;
  save("mobilenet_v2", 0.35, weights() / file);
  const Words narrow{"--model", "mobilenet_v2", "--alpha", "0.35", "--recipe", "head", "--json"};
  const auto run = [&](const Words& more) {
    Words words{"train", "p"};
    words.insert(words.end(), narrow.begin(), narrow.end());
    words.insert(words.end(), more.begin(), more.end());
    return run_graft(words, folder_.path());
  };
  const Outcome trained = run({"--image-size", "96", "--out", "r"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(settings_of("r")["used"]["weights_file"], file) << settings_of("r")["used"];
  const Outcome tiny = run({"--out", "x"});  // pictures of 40 pixels are brought to 160
  EXPECT_EQ(tiny.code, 3) << tiny.err;
  EXPECT_NE(tiny.err.find("_0.35_160_no_top.h5 is missing"), std::string::npos) << tiny.err;
}

}  // namespace
}  // namespace graft::test

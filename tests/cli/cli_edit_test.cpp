// SPDX-License-Identifier: Apache-2.0
// graft edit, and the table and graph of graft summary.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;

class CliEdit : public testing::Test {
 protected:
  CliEdit() {
    write_red_or_blue(folder_.path() / "model");
    write_picture(folder_.path() / "red.ppm", 255, 0, 0);
    write_picture(folder_.path() / "grey.ppm", 90, 90, 90);
  }

  [[nodiscard]] Outcome edit(Words words) const {
    words.insert(words.begin(), "edit");
    return run_graft(words, folder_.path());
  }
  [[nodiscard]] Json predict(const std::string& model, const std::string& picture) const {
    const Outcome outcome = run_graft({"predict", model, picture, "--json"}, folder_.path());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.json()["photos"][0]["predictions"];
  }
  [[nodiscard]] std::string bytes(const std::string& file) const {
    std::ifstream in(folder_.path() / file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  TemporaryFolder folder_;
};

TEST_F(CliEdit, AddsAClass) {
  const Outcome outcome = edit({"model", "-o", "more", "--add-class", "green", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["model"], "more/model.keras");
  EXPECT_EQ(outcome.json()["total_params"], 3 * 3 + 3);
  EXPECT_EQ(outcome.json()["edits"][0]["adapted"][0]["weight"], "head/kernel");
  const Json predictions = predict("more", "red.ppm");
  ASSERT_EQ(predictions.size(), 3U);
  const auto loaded = saving::load_model(folder_.path() / "more" / "model.keras");
  EXPECT_EQ(Json::parse(loaded.extra.at("graft.json"))["class_names"], (Json{"blue", "red", "green"}));
  // Back to the two classes: their weights are still there.
  ASSERT_EQ(edit({"more", "-o", "two.keras", "--classes", "red,blue"}).code, 0);
  EXPECT_EQ(predict("two.keras", "red.ppm"), predict("model", "red.ppm"));
}

/// A model's .json with its weights in another file, as Keras's to_json() and save_weights() write them.
TEST_F(CliEdit, JoinsAStructureAndItsWeights) {
  const Model model = saving::load_model(folder_.path() / "model" / "model.keras").model;
  std::ofstream(folder_.path() / "m.json") << saving::model_config(model).dump();
  saving::save_weights(model, folder_.path() / "w.weights.h5");
  const Outcome summary = run_graft({"summary", "m.json", "--weights", "w.weights.h5"}, folder_.path());
  EXPECT_EQ(summary.code, 0) << summary.err;
  EXPECT_NE(summary.out.find("Total params"), std::string::npos);
  EXPECT_EQ(run_graft({"summary", "m.json", "--weights", "none.h5"}, folder_.path()).code, 3);
  const Outcome outcome = edit({"m.json", "--weights", "w.weights.h5", "-o", "whole.keras"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("written as .keras instead of .json"), std::string::npos) << outcome.out;
  const Json joined = predict("whole.keras", "red.ppm");
  EXPECT_NEAR(joined[0]["probability"].get<double>(),
              predict("model", "red.ppm")[0]["probability"].get<double>(), 1e-6);
  EXPECT_EQ(edit({"whole.keras", "-o", "again.keras"}).code, 2) << "the same format without a step";
}

TEST_F(CliEdit, SizeAndChannelsChangeTheMetadata) {
  const Outcome outcome = edit({"model", "-o", "grey", "--input-size", "16,24", "--channels", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("input size 8 x 8 to 16 x 24"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("the 3 channels summed"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("(None, 16, 24, 1) to (None, 2)"), std::string::npos) << outcome.out;
  const Json before = predict("model", "grey.ppm");
  const Json after = predict("grey", "grey.ppm");
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(before[i]["name"], after[i]["name"]);
    EXPECT_NEAR(before[i]["probability"].get<double>(), after[i]["probability"].get<double>(), 1e-5);
  }
}

TEST_F(CliEdit, InsertsAndRemovesLayersByName) {
  const Outcome outcome = edit({"model", "-o", "a.keras", "--insert-before", "head",
                                "Dense(units=3, activation='relu', name=more)", "--insert-after", "mean",
                                "Dropout(rate=0.3)", "--quiet"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json layers = run_graft({"summary", "a.keras", "--json"}, folder_.path()).json()["layers"];
  ASSERT_EQ(layers.size(), 5U);
  EXPECT_EQ(layers[2]["name"], "dropout");
  EXPECT_EQ(layers[3]["name"], "more");
  ASSERT_EQ(edit({"a.keras", "-o", "b.keras", "--remove", "dropout,more"}).code, 0);
  EXPECT_EQ(predict("b.keras", "red.ppm")[0]["name"], predict("model", "red.ppm")[0]["name"]);
  ASSERT_EQ(edit({"model", "-o", "c.keras", "--truncate", "mean"}).code, 0);
  const auto loaded = saving::load_model(folder_.path() / "c.keras");
  EXPECT_FALSE(Json::parse(loaded.extra.at("graft.json")).contains("class_names"));
  EXPECT_EQ(loaded.model.output_shape(), (Shape{-1, 3}));
}

TEST_F(CliEdit, OverwritesOnlyWithForce) {
  const std::string before = bytes("model/model.keras");
  for (const std::string output : {"model", "model/model.keras", "./model/../model/model.keras"}) {
    const Outcome outcome = edit({"model", "-o", output, "--input-size", "16"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_NE(outcome.err.find("the model itself"), std::string::npos) << outcome.err;
  }
  std::ofstream(folder_.path() / "mine.keras") << "mine";
  EXPECT_EQ(edit({"model", "-o", "mine.keras", "--input-size", "16"}).code, 2);
  EXPECT_EQ(bytes("mine.keras"), "mine");
  EXPECT_EQ(bytes("model/model.keras"), before);
  EXPECT_EQ(edit({"model", "-o", "mine.keras", "--input-size", "16", "--force"}).code, 0);
  EXPECT_NE(bytes("mine.keras"), "mine");
}

TEST_F(CliEdit, ATrainedHeadIsNotReplacedByAccident) {
  for (const Words& classes : {Words{"--classes", "cats,dogs"}, Words{"--classes", "2"}}) {
    Words words{"model", "-o", "lost.keras", "--force"};
    words.insert(words.end(), classes.begin(), classes.end());
    const Outcome refused = edit(words);
    EXPECT_EQ(refused.code, 2) << classes.back();
    EXPECT_NE(refused.err.find("--class-names"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("--new-head"), std::string::npos) << refused.err;
    words.emplace_back("--new-head");
    EXPECT_EQ(edit(words).code, 0);
  }
  ASSERT_EQ(edit({"model", "-o", "named.keras", "--class-names", "dogs,cats"}).code, 0);
  EXPECT_EQ(predict("named.keras", "red.ppm")[0]["probability"],
            predict("model", "red.ppm")[0]["probability"]);
  EXPECT_EQ(predict("named.keras", "red.ppm")[0]["name"], "cats");
  // Hidden layers need a new classifier in any case.
  EXPECT_EQ(edit({"model", "-o", "hidden.keras", "--classes", "cats,dogs", "--hidden", "4"}).code, 0);
  EXPECT_EQ(edit({"model", "-o", "x.keras", "--new-head"}).code, 2);
}

TEST_F(CliEdit, WeightsWithoutTheTopAreEnoughForANewHead) {
  const Words network{"mobilenet", "--alpha", "0.25"};
  const auto with = [&](const Words& more) {
    Words words = network;
    words.insert(words.end(), more.begin(), more.end());
    return edit(words);
  };
  ASSERT_EQ(with({"--weights", "none", "--truncate", "global_average_pooling2d", "-o", "no_top.keras"}).code,
            0);
  const Outcome made = with({"--weights", "no_top.keras", "--classes", "cats,dogs", "-o", "new.keras"});
  EXPECT_EQ(made.code, 0) << made.err;
  const Outcome refused = with({"--weights", "no_top.keras", "--input-size", "160", "-o", "random.keras"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_NE(refused.err.find("--classes"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "random.keras"));
}

TEST_F(CliEdit, InvalidStepsAreReported) {
  struct Case {
    Words words;
    int code;
    std::string text;
  };
  const std::vector<Case> cases{
      {{}, 2, "expected at least one step"},
      {{"--truncate", "maen"}, 3, "mean"},
      {{"--remove-class", "green"}, 3, "blue, red"},
      {{"--add-class", "red"}, 2, "twice"},
      {{"--classes", "red"}, 2, "two names"},
      {{"--insert-after", "mean", "Dropot(rate=0.3)"}, 5, "Dropout"},
      {{"--insert-after", "mean", "Dropout(rat=0.3)"}, 2, "rate"},
      {{"--insert-after", "mean", "Dropout(0.3)"}, 2, "option=value"},
      {{"--insert-after", "mean", "Dropout(rate=0.3"}, 2, "bracket"},
      {{"--insert-after", "mean", "Conv2D(filters=3, kernel_size=(1, 1))"}, 7, "Conv2D"},
      {{"--insert-before", "image", "ReLU"}, 3, "no layer 'image'"},
      {{"--channels", "3"}, 2, "another number"},
      {{"--input-size", "big"}, 2, "--input-size"},
      {{"--dropout", "0.3"}, 2, "--hidden"},
      {{"--extract", "mean"}, 2, "GlobalAveragePooling2D"},
      {{"--weights", "x.h5", "--truncate", "mean"}, 2, "--weights"}};
  for (const Case& one : cases) {
    Words words{"model", "-o", "new.keras"};
    words.insert(words.end(), one.words.begin(), one.words.end());
    const Outcome outcome = edit(words);
    EXPECT_EQ(outcome.code, one.code) << outcome.err;
    EXPECT_NE(outcome.err.find(one.text), std::string::npos) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "new.keras"));
  }
}

TEST(CliSummary, EqualsThatOfKeras) {
  const std::string file = (goldens() / "files" / "nested_transfer").string();
  std::ifstream in(file + ".summary.txt");
  std::ostringstream expected;
  expected << in.rdbuf();
  const Outcome outcome = run_graft({"summary", file + ".keras", "--line-length", "90"});
  EXPECT_EQ(outcome.out + "\n", expected.str()) << outcome.err;
}

TEST(CliSummary, TableOptionsAndDot) {
  const TemporaryFolder folder;
  const Outcome outcome = run_graft(
      {"summary", "vgg16", "--show-trainable", "--line-length", "60", "--plot", "m.dot"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("┃ Tr… ┃"), std::string::npos);
  EXPECT_NE(outcome.out.find(" Total params: 138,357,544 (527.79 MB)"), std::string::npos) << outcome.out;
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "m.dot"));
  EXPECT_EQ(run_graft({"summary", "vgg16", "--plot", "m.gif"}, folder.path()).code, 2);
}

}  // namespace
}  // namespace graft::test

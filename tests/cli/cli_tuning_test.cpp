// SPDX-License-Identifier: Apache-2.0
// Options of fine-tuning, augmentation, calibration, and lr-find, on small photos and a network without
// pretrained weights.
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/image.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words tutorial(const std::string& command, const std::string& photos) {
  return {command, photos, "--model", "mobilenet_v2", "--weights", "none", "--image-size", "32"};
}

TEST(CliTuning, PreviewDrawsASheet) {
  GRAFT_REQUIRE_DATA(data);
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "sheet.png").string();
  const Outcome outcome = run_graft({"preview", (data / "photos" / "ants_bees" / "val").string(), "--augment",
                                     "flip,randaugment,mixup", "--rows", "2", "--columns", "3",
                                     "--image-size", "20,30", "-o", file, "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("height"), 4 + 2 * 24);
  EXPECT_EQ(outcome.json().at("width"), 4 + 3 * 34);
  const Tensor sheet = data::read_image(file);
  EXPECT_EQ(sheet.shape(), (Shape{52, 106, 3}));
  const auto pixels = sheet.data<std::uint8_t>();
  EXPECT_EQ(pixels[0], 255);  // the margin
  EXPECT_NE(std::ranges::count(pixels, 255), std::ranges::ssize(pixels));
}

TEST(CliTuning, InvalidNamesAreReportedBeforeTraining) {
  GRAFT_REQUIRE_DATA(data);
  const std::string photos = (data / "photos" / "ants_bees" / "val").string();
  const TemporaryFolder folder;
  const Words train =
      joined(tutorial("train", photos), {"--recipe", "tutorial", "--out", (folder.path() / "o").string()});
  const Outcome cake = run_graft(joined(train, {"--augment", "cake"}));
  EXPECT_EQ(cake.code, 2);
  EXPECT_NE(cake.err.find("randaugment"), std::string::npos) << cake.err;
  const Outcome layer = run_graft(joined(train, {"--fine-tune-from", "block_16_projectt"}));
  EXPECT_NE(layer.code, 0);
  EXPECT_NE(layer.err.find("block_16_project"), std::string::npos) << layer.err;
  const Outcome pattern = run_graft(joined(train, {"--freeze", "nothing_*"}));
  EXPECT_NE(pattern.code, 0);
  EXPECT_NE(pattern.err.find("nothing_*"), std::string::npos) << pattern.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "o"));
}

TEST(CliTuning, TheTutorialUsesAllOptionsAndRecordsThem) {
  GRAFT_REQUIRE_DATA(data);
  const std::string photos = (data / "photos" / "ants_bees" / "val").string();
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "o").string();
  const Outcome outcome = run_graft(joined(tutorial("train", photos), {"--recipe",
                                                                       "tutorial",
                                                                       "--out",
                                                                       out,
                                                                       "--epochs",
                                                                       "1",
                                                                       "--fine-tune-epochs",
                                                                       "2",
                                                                       "--fine-tune-from",
                                                                       "block_16_expand",
                                                                       "--freeze",
                                                                       "*_BN",
                                                                       "--layer-decay",
                                                                       "0.5",
                                                                       "--unfreeze-gradually",
                                                                       "2",
                                                                       "--l2-sp",
                                                                       "0.01",
                                                                       "--augment",
                                                                       "flip,mixup,erasing",
                                                                       "--calibrate"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json result = read_json(folder.path() / "o" / "result.json");
  EXPECT_GT(result.at("calibration").at("temperature").get<double>(), 0);
  EXPECT_LE(result.at("calibration").at("loss_after"), result.at("calibration").at("loss_before"));
  EXPECT_NE(result.at("notes").dump().find("fine-tuning from block_16_expand"), std::string::npos);
  const Json settings = read_json(folder.path() / "o" / "settings.json");
  EXPECT_EQ(settings.at("tuning").at("augment"), "flip,mixup,erasing");
  const Outcome views = run_graft({"evaluate", out, photos, "--tta", "4", "--json", "--no-report"});
  ASSERT_EQ(views.code, 0) << views.err;
  EXPECT_GE(views.json().at("ece").get<double>(), 0);
  EXPECT_EQ(run_graft({"evaluate", out, photos, "--tta", "99"}).code, 2);
}

TEST(CliTuning, LrFindDrawsItsCurve) {
  GRAFT_REQUIRE_DATA(data);
  const TemporaryFolder folder;
  const std::string plot = (folder.path() / "curve.svg").string();
  const Outcome outcome =
      run_graft(joined(tutorial("lr-find", (data / "photos" / "ants_bees" / "val").string()),
                       {"--steps", "12", "--from", "1e-4", "--to", "0.01", "--plot", plot, "--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("points").size(), 12U);
  EXPECT_NEAR(outcome.json().at("points").back().at("rate").get<double>(), 0.01, 1e-9);
  std::ifstream file(plot);
  std::string first;
  std::getline(file, first);
  EXPECT_EQ(first.substr(0, 4), "<svg");
}

TEST(CliTuning, LrFindTakesANetworkOfOnesOwn) {
  const TemporaryFolder folder;
  const std::filesystem::path& at = folder.path();
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(i) + ".ppm";
    write_picture(at / "colours" / "red" / name, 200 + i, 5 * i, 0);
    write_picture(at / "colours" / "blue" / name, 0, 5 * i, 200 + i);
  }
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor x = layers::GlobalAveragePooling2D()(layers::Rescaling({.scale = {1 / 255.0}})(input));
  const Model model(input, layers::Dense({.units = 2, .activation = "softmax", .name = "answer"})(x));
  std::ofstream(at / "own.json") << saving::model_config(model).dump();
  const std::vector<std::string> words{"lr-find", "colours", "--model", "own.json",
                                       "--steps", "20",      "--json"};
  const Outcome outcome = run_graft(words, at);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("points").size(), 20U);
  EXPECT_EQ(run_graft(joined(words, {"--fine-tuning"}), at).code, 2);
  EXPECT_EQ(run_graft(joined(words, {"--freeze", "answer"}), at).code, 2) << "nothing is left to train";
  // A .json without weights, said aloud.
  EXPECT_EQ(run_graft({"summary", "own.json", "--weights", "none"}, at).code, 0);
  EXPECT_EQ(run_graft({"summary", "own.json", "--weights", "imagenet"}, at).code, 2);
}

}  // namespace
}  // namespace graft::test

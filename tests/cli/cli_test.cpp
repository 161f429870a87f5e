// SPDX-License-Identifier: Apache-2.0
// Options, exit codes and output of the program, without photos or weights from outside.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;

TEST(Cli, VersionAndHelp) {
  const Outcome version = run_graft({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_EQ(version.out.rfind("graft ", 0), 0U) << version.out;
  const Outcome help = run_graft({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_NE(help.out.find("Exit codes"), std::string::npos);
  for (const std::string command :
       {"train", "advise", "evaluate", "predict", "summary", "features", "profile", "edit", "models"}) {
    EXPECT_NE(help.out.find(command), std::string::npos);
    const Outcome one = run_graft({command, "--help"});
    EXPECT_EQ(one.code, 0);
    EXPECT_NE(one.out.find("Examples:\n  graft " + command), std::string::npos) << one.out;
    EXPECT_EQ(one.err, "");
  }
}

TEST(Cli, LoadsNoLibraryFromTheCurrentFolder) {
  const TemporaryFolder folder;
  for (const char* name : {"libzip.so.4", "libjpeg.so.62", "libdnnl.so.2", "libstdc++.so.6", "libc.so.6"})
    std::ofstream(folder.path() / name) << "not a library";
  const Outcome outcome = run_graft({"--version"}, folder.path());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST(Cli, WithoutCommandPrintsHelp) {
  const Outcome outcome = run_graft({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, run_graft({"--help"}).out);
  EXPECT_EQ(outcome.err, "");
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(Cli, HelpFitsIntoTheTerminal) {
  for (const std::string command : {"train", "predict", "evaluate", "advise", "preview", "lr-find", "summary",
                                    "features", "edit", "quantize", "models", "profile", "cache"}) {
    EXPECT_LE(widest_line(run_graft({command, "--help"}).out), 80U) << command;
  }
  EXPECT_LE(widest_line(run_graft({"--help"}).out), 80U);
  setenv("COLUMNS", "40", 1);
  for (const std::string command : {"train", "predict", "features", "edit"}) {
    const std::string narrow = run_graft({command, "--help"}).out;
    EXPECT_LE(widest_line(narrow), 40U) << narrow;
    EXPECT_EQ(narrow.find(" \n"), std::string::npos) << narrow;
  }
  setenv("COLUMNS", "120", 1);
  const std::size_t wide = widest_line(run_graft({"train", "--help"}).out);
  unsetenv("COLUMNS");
  EXPECT_GT(wide, 80U);
  EXPECT_LE(wide, 100U);
}

TEST(Cli, TrainHelpHasGroupsWithTheMostUsefulOptionsFirst) {
  const std::string help = run_graft({"train", "--help"}).out;
  std::size_t at = 0;
  for (const std::string line : {"Most useful options:",
                                 "  --model ",
                                 "  --weights ",
                                 "  --image-size ",
                                 "  --test ",
                                 "  --recipe ",
                                 "  --budget ",
                                 "  --from ",
                                 "  --out ",
                                 "  --resume ",
                                 "  --seed ",
                                 "Photos:",
                                 "  --validation ",
                                 "Network:",
                                 "  --fine-tune-from ",
                                 "Training:",
                                 "  --epochs ",
                                 "Evaluation:",
                                 "  --folds ",
                                 "Output:",
                                 "  --json ",
                                 "  -h,--help "}) {
    const std::size_t found = help.find("\n" + line, at);
    ASSERT_NE(found, std::string::npos) << line << '\n' << help;
    at = found;
  }
}

TEST(Cli, WaitingThreadsSpinForAShortTime) {
  // libgomp prints its settings on standard error.
  setenv("OMP_DISPLAY_ENV", "VERBOSE", 1);
  unsetenv("GOMP_SPINCOUNT");
  unsetenv("OMP_WAIT_POLICY");
  const Outcome limited = run_graft({"--version"});
  setenv("GOMP_SPINCOUNT", "77", 1);
  const Outcome chosen = run_graft({"--version"});
  unsetenv("GOMP_SPINCOUNT");
  unsetenv("OMP_DISPLAY_ENV");
  EXPECT_NE(limited.err.find("GOMP_SPINCOUNT = '10000'"), std::string::npos) << limited.err;
  EXPECT_NE(chosen.err.find("GOMP_SPINCOUNT = '77'"), std::string::npos) << chosen.err;
}

TEST(Cli, ModelsListsEveryArchitecture) {
  const Json list = run_graft({"models", "--json"}).json();
  ASSERT_TRUE(list.is_array());
  const auto found = std::ranges::find(list, "vgg16", [](const Json& row) { return row.at("name"); });
  ASSERT_NE(found, list.end());
  EXPECT_EQ(found->at("parameters"), 138'357'544);
  EXPECT_EQ(found->at("parameters_without_top"), 14'714'688);
  EXPECT_NEAR(found->at("megabytes").get<double>(), 528, 0.5);  // as in Keras's table
  EXPECT_EQ(found->at("input_shape"), (Json{224, 224, 3}));
  EXPECT_EQ(found->at("top1_accuracy"), 0.713);
  const Outcome table = run_graft({"models"});
  EXPECT_EQ(table.code, 0);
  for (const Json& row : list)
    EXPECT_NE(table.out.find("\n" + row.at("name").get<std::string>() + " "), std::string::npos);
  EXPECT_NE(table.out.find(" 138,357,544   528 MB  224 x 224  71.3 %  90.1 %  "), std::string::npos)
      << table.out;
}

TEST(Cli, WrongCommandLinesExitWith2) {
  for (const Words& words :
       {Words{"fly"}, Words{"predict"}, Words{"summary", "mobilenet_v2", "--fly"},
        Words{"summary", "mobilenet_v2", "--input-shape", "1,2"},
        Words{"summary", "mobilenet_v2", "--input-shape", "a"},
        Words{"profile", "mobilenet_v2", "--from", "100"}, Words{"profile", "mobilenet_v2", "--batch", "0"},
        Words{"train", ".", "--recipe", "cake"}, Words{"train", ".", "--precision", "half"},
        Words{"train", ".", "--image-size", "0"}, Words{"predict", "mobilenet_v2", "a.jpg", "--top", "0"}}) {
    const Outcome outcome = run_graft(words);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_EQ(outcome.err.rfind("graft: ", 0), 0U) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(Cli, MissingFilesAndNamesExitWith3) {
  const TemporaryFolder folder;
  const std::string empty = folder.path().string();
  for (const Words& words :
       {Words{"predict", "no_such_model", "a.jpg"}, Words{"predict", "mobilenet_v2", "no.jpg"},
        Words{"summary", empty}, Words{"evaluate", "mobilenet_v2", empty + "/none"},
        Words{"train", empty + "/none"}, Words{"train", empty, "--model", "no_such_model"},
        Words{"train", empty, "--test", empty + "/none"}}) {
    const Outcome outcome = run_graft(words);
    EXPECT_EQ(outcome.code, 3) << words[0] << ": " << outcome.err;
  }
}

TEST(Cli, PredictReportsABrokenPhotoAndContinues) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  write_picture(folder.path() / "photos" / "1.ppm", 255, 0, 0);
  write_picture(folder.path() / "photos" / "2.ppm", 0, 0, 200);
  const std::string model = (folder.path() / "model").string();
  const std::string photos = (folder.path() / "photos").string();
  const Outcome good = run_graft({"predict", model, photos, "--json", "--top", "1"});
  EXPECT_EQ(good.code, 0) << good.err;
  const Json json = good.json();
  const Json& answers = json["photos"];
  ASSERT_EQ(answers.size(), 2U) << good.out;
  EXPECT_EQ(answers[0]["file"], photos + "/1.ppm");
  EXPECT_EQ(answers[0]["predictions"][0]["class"], "red");
  EXPECT_EQ(answers[1]["predictions"][0]["name"], "blue");
  EXPECT_GT(answers[1]["predictions"][0]["probability"].get<double>(), 0.99);
  EXPECT_EQ(answers[1]["predictions"].size(), 1U);

  std::ofstream(folder.path() / "broken.jpg") << "no photo";
  const std::string broken = (folder.path() / "broken.jpg").string();
  const Outcome mixed = run_graft({"predict", model, broken, photos + "/1.ppm"});
  EXPECT_EQ(mixed.code, 1);
  EXPECT_NE(mixed.err.find("broken.jpg: "), std::string::npos) << mixed.err;
  EXPECT_NE(mixed.out.find("red"), std::string::npos);
  const Outcome none = run_graft({"predict", model, broken, "--json"});
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(none.json()["photos"], Json::array());
  EXPECT_EQ(none.json()["skipped_images"][0]["file"], broken);
}

TEST(Cli, EvaluateLabelsPhotosByFolderNames) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  write_picture(folder.path() / "photos" / "red" / "1.ppm", 255, 0, 0);
  write_picture(folder.path() / "photos" / "red" / "2.ppm", 10, 0, 200);
  write_picture(folder.path() / "photos" / "blue" / "3.ppm", 0, 0, 200);
  std::ofstream(folder.path() / "photos" / "red" / "notes.txt") << "no photo";
  const Words words{"evaluate", (folder.path() / "model").string(), (folder.path() / "photos").string(),
                    "--json", "--no-report"};
  const Outcome outcome = run_graft(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  EXPECT_NEAR(json["accuracy"].get<double>(), 2.0 / 3, 1e-9);
  EXPECT_GT(json["loss"].get<double>(), 1);
  EXPECT_EQ(json["confusion"], (Json{{1, 0}, {1, 1}}));
  EXPECT_EQ(json["classes"], (Json{"blue", "red"}));
  EXPECT_EQ(json["photos"], 3);
  EXPECT_EQ(json["skipped_images"].size(), 1U);

  write_picture(folder.path() / "photos" / "green" / "4.ppm", 0, 255, 0);
  const Outcome unknown = run_graft(words);
  EXPECT_EQ(unknown.code, 3);
  EXPECT_NE(unknown.err.find("'green'"), std::string::npos) << unknown.err;
}

TEST(Cli, FeaturesAreWritten) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  write_picture(folder.path() / "1.ppm", 255, 128, 0);
  write_picture(folder.path() / "2.ppm", 1, 2, 3);
  const std::string model = (folder.path() / "model").string();
  const std::string file = (folder.path() / "f.npy").string();
  const Outcome outcome = run_graft({"features", model, (folder.path() / "1.ppm").string(),
                                     (folder.path() / "2.ppm").string(), "-o", file});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Tensor features = formats::read_npy(file);
  EXPECT_EQ(features.shape(), (Shape{2, 3}));
  EXPECT_LT(max_difference(features.data(), std::vector<float>{255, 128, 0, 1, 2, 3}), 1e-4);
  const std::string picture = (folder.path() / "1.ppm").string();
  EXPECT_EQ(run_graft({"features", model, picture, "--layer", "head", "-o", file}).code, 0);
  EXPECT_EQ(formats::read_npy(file).shape(), (Shape{1, 2}));
  EXPECT_EQ(run_graft({"features", model, picture, "--layer", "none", "-o", file}).code, 3);
}

TEST(Cli, SummaryCountsParameters) {
  const Outcome outcome =
      run_graft({"summary", "mobilenet_v2", "--input-shape", "160,160,3", "--no-top", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["total_params"], 2257984);
  EXPECT_EQ(outcome.json()["trainable_params"], 2223872);
  EXPECT_EQ(outcome.json()["layers"].size(), 154U);
  EXPECT_NE(run_graft({"summary", "vgg16"}).out.find("138,357,544"), std::string::npos);
}

TEST(Cli, ProfileCountsAllOperations) {
  const Words network{"profile", "mobilenet_v2", "--no-top", "--input-shape",
                      "32,32,3", "--runs",       "2",        "--json"};
  const Json forward = run_graft(network).json();
  double gflop = 0;
  double share = 0;
  for (const Json& step : forward.at("steps")) {
    gflop += step.at("gflop").get<double>();
    share += step.at("share").get<double>();
    EXPECT_FALSE(step.at("backward").get<bool>());
  }
  EXPECT_NEAR(share, 1, 1e-9);
  EXPECT_GT(forward.at("ceiling_gflops").get<double>(), 0);
  // The paper's 300 million multiply-adds at 224 pixels, without the classifier's 1.28 million.
  EXPECT_NEAR(gflop, 2 * 0.2995 * 32 * 32 / (224 * 224), 0.0003);

  Words training = network;
  training.insert(training.end(), {"--training", "--from", "Conv_1"});
  std::vector<std::string> backward;
  const Json steps = run_graft(training).json().at("steps");
  for (const Json& step : steps) {
    if (step.at("backward").get<bool>()) backward.push_back(step.at("layer").get<std::string>());
  }
  EXPECT_NE(std::ranges::find(backward, "Conv_1"), backward.end());
  EXPECT_EQ(std::ranges::find(backward, "block_16_project"), backward.end());
}

TEST(Cli, TrainRefusesAnOutputFolderWithFiles) {
  const TemporaryFolder folder;
  write_picture(folder.path() / "out" / "mine.ppm", 1, 2, 3);
  const Outcome outcome =
      run_graft({"train", folder.path().string(), "--out", (folder.path() / "out").string()});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--out"), std::string::npos);
}

TEST(Cli, TrainedClassifierPredicts) {
  const TemporaryFolder folder;
  for (int i = 0; i < 12; ++i) {
    write_picture(folder.path() / "colors" / "red" / (std::to_string(i) + ".ppm"), 200 + 4 * i, 10 * i, 0);
    write_picture(folder.path() / "colors" / "blue" / (std::to_string(i) + ".ppm"), 0, 10 * i, 200 + 4 * i);
  }
  std::ofstream(folder.path() / "colors" / "red" / "x.jpg") << "no photo";
  const Words words{"train", "colors/",  "--weights", "none",  "--image-size",
                    "32",    "--recipe", "head",      "--json"};
  const Outcome outcome = run_graft(words, folder.path());
  ASSERT_EQ(outcome.code, 1) << outcome.err;  // x.jpg cannot be read
  const Json json = outcome.json();
  for (const char* key : {"test_accuracy", "validation_accuracy", "seconds"})
    EXPECT_TRUE(json[key].is_number()) << key;
  EXPECT_EQ(json["model"], "colors-graft/model.keras");
  EXPECT_EQ(json["classes"], (Json{"blue", "red"}));
  ASSERT_EQ(json["skipped_images"].size(), 1U);
  EXPECT_NE(json["skipped_images"][0]["file"].get<std::string>().find("x.jpg"), std::string::npos);
  const auto predicted = run_graft({"predict", "colors-graft", "colors/red/3.ppm", "--json"}, folder.path());
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(predicted.json()["photos"][0]["predictions"].size(), 2U);
  // A layer of the nested base.
  EXPECT_EQ(
      run_graft({"features", "colors-graft", "colors/red/3.ppm", "--layer", "block_13_expand", "-o", "f.npy"},
                folder.path())
          .code,
      0);
  EXPECT_EQ(formats::read_npy(folder.path() / "f.npy").shape(), (Shape{1, 2, 2, 576}));
}

}  // namespace
}  // namespace graft::test

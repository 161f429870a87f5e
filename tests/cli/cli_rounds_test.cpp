// SPDX-License-Identifier: Apache-2.0
// graft train in rounds (--from), and on networks from the user.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

/// A class of pictures of about one colour; no two pictures are equal.
struct Colour {
  std::string name;
  int red = 0, green = 0, blue = 0;
};

void write_class(const fs::path& folder, const Colour& colour, int first = 0, int count = 12) {
  for (int i = first; i < first + count; ++i)
    write_picture(folder / colour.name / (std::to_string(i) + ".ppm"), colour.red + i, colour.green + i,
                  colour.blue + i);
}

const Colour kRed{"red", 180, 10, 10}, kBlue{"blue", 10, 10, 180}, kGreen{"green", 10, 180, 10};

/// Input: 8 x 8 pixels with `channels` channels. Two outputs.
Model small_network(std::int64_t channels = 3) {
  const SymbolicTensor input = Input({8, 8, channels}, "image");
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}})(input);
  x = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu"})(x);
  x = layers::GlobalAveragePooling2D()(x);
  return {input, layers::Dense({.units = 2, .activation = "softmax", .name = "head"})(x)};
}

void write_config(const fs::path& file) {
  std::ofstream(file) << saving::model_config(small_network()).dump();
}

const Words kOwn{"--model", "net.json", "--epochs", "30", "--batch-size", "4", "--learning-rate", "0.05"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(CliRounds, AUsersNetworkTrainsFromItsConfig) {
  clear_session();
  const TemporaryFolder folder;
  write_config(folder.path() / "net.json");
  write_class(folder.path() / "colours", kRed);
  write_class(folder.path() / "colours", kBlue);
  write_class(folder.path() / "colours", kGreen);
  const Outcome outcome = run_graft(with({"train", "colours", "--out", "r1", "--json"}, kOwn), folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  EXPECT_EQ(json["classes"], (Json{"blue", "green", "red"}));  // the network had two outputs
  EXPECT_GT(json["test_accuracy"].get<double>(), 0.8);
  EXPECT_GT(json["facts"]["network"]["trainable_parameters"].get<int>(), 0);
  EXPECT_EQ(json["image_size"], (Json{8, 8}));
  const Outcome predicted = run_graft({"predict", "r1", "colours/green/3.ppm", "--json"}, folder.path());
  EXPECT_EQ(predicted.json()["photos"][0]["predictions"][0]["name"], "green");
  // The same from a .keras file that was never trained; its weights are the initial ones.
  small_network().save(folder.path() / "net.keras");
  Words words = with({"train", "colours", "--out", "r2", "--json"}, kOwn);
  *std::ranges::find(words, "net.json") = "net.keras";
  EXPECT_EQ(run_graft(words, folder.path()).code, 0);
}

TEST(CliRounds, ARoundContinuesAndReportsTheEarlierOnes) {
  clear_session();
  const TemporaryFolder folder;
  write_config(folder.path() / "net.json");
  write_class(folder.path() / "first", kRed, 0, 20);
  write_class(folder.path() / "first", kBlue, 0, 20);
  ASSERT_EQ(run_graft(with({"train", "first", "--out", "r1", "--quiet"}, kOwn), folder.path()).code, 0);
  // The collection grows: photos of the first round, under other names, new ones, and a new class.
  write_class(folder.path() / "second", kRed, 20, 12);
  write_class(folder.path() / "second", kGreen);
  for (int i = 0; i < 20; ++i)
    fs::copy(folder.path() / "first/red" / (std::to_string(i) + ".ppm"),
             folder.path() / "second/red" / ("copy" + std::to_string(i) + ".ppm"));
  const Outcome outcome = run_graft(
      {"train", "second", "--from", "r1", "--rehearse", "8", "--out", "r2", "--json"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  EXPECT_EQ(json["classes"], (Json{"blue", "red", "green"}));  // existing classes keep their positions
  EXPECT_EQ(json["facts"]["network"]["learning_rate"], 0.05);  // as in round 1
  const Json rounds = json["facts"]["rounds"];
  ASSERT_EQ(rounds.size(), 2U);
  EXPECT_EQ(rounds[0]["test_photos"], read_json(folder.path() / "r1/result.json")["photos"]["test"]);
  for (const char* key : {"accuracy_then", "accuracy_before", "accuracy"})
    EXPECT_TRUE(rounds[0][key].is_number()) << key;
  EXPECT_EQ(rounds[0]["accuracy_then"], rounds[0]["accuracy_before"]);  // the same photos and weights
  EXPECT_FALSE(rounds[1].contains("accuracy_then"));
  // Test photos of earlier rounds stay test photos: no round trains on them.
  const Json kept = read_json(folder.path() / "r2/rounds.json")["rounds"];
  ASSERT_EQ(kept.size(), 2U);
  std::set<std::string> tested;
  for (const Json& round : kept)
    for (const Json& photo : round["test"]) tested.insert(photo["print"].get<std::string>());
  std::size_t learnt = 0;
  for (const Json& round : kept) {
    for (const char* part : {"train", "validation"}) {
      for (const Json& photo : round[part]) {
        EXPECT_FALSE(tested.contains(photo["print"].get<std::string>())) << photo;
        ++learnt;
      }
    }
  }
  EXPECT_GT(learnt, 40U);
  // A chain of three, through a rebuilt model.
  ASSERT_EQ(run_graft({"edit", "r2", "-o", "wide", "--input-size", "12"}, folder.path()).code, 0);
  const Outcome third =
      run_graft({"train", "second", "--from", "wide", "--out", "r3", "--rehearse", "5"}, folder.path());
  ASSERT_EQ(third.code, 0) << third.err;
  EXPECT_NE(third.out.find("round   photos"), std::string::npos) << third.out;
  EXPECT_EQ(read_json(folder.path() / "r3/rounds.json")["rounds"].size(), 3U);
  EXPECT_EQ(read_json(folder.path() / "r3/result.json")["rounds"].size(), 3U);
}

/// Arguments of a training on random features, which tell colours apart.
Words head_words(const std::string& photos, const std::string& out, const Words& more = {}) {
  return with({"train", photos, "--model", "mobilenet_v2", "--weights", "none", "--image-size", "32",
               "--recipe", "head", "--out", out, "--json"},
              more);
}

TEST(CliRounds, CorrectedLabelsAreLearntAndPhotosCountOnce) {
  const TemporaryFolder folder;
  write_class(folder.path() / "all", kRed, 0, 30);
  write_class(folder.path() / "all", kBlue, 0, 30);
  // Two red photos are filed as blue; then they are moved, and photos are added.
  for (const char* name : {"4.ppm", "17.ppm"})
    fs::rename(folder.path() / "all/red" / name, folder.path() / "all/blue" / (std::string("r") + name));
  ASSERT_EQ(run_graft(head_words("all", "r1"), folder.path()).code, 0);
  for (const char* name : {"4.ppm", "17.ppm"})
    fs::rename(folder.path() / "all/blue" / (std::string("r") + name), folder.path() / "all/red" / name);
  write_class(folder.path() / "all", kRed, 30, 10);
  write_class(folder.path() / "all", kBlue, 30, 10);
  for (const char* name : {"1.ppm", "2.ppm", "35.ppm"})
    fs::copy(folder.path() / "all/red" / name, folder.path() / "all/red" / (std::string("copy") + name));
  const Outcome outcome = run_graft(
      {"train", "all", "--from", "r1", "--rehearse", "100", "--out", "r2", "--json"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  // 80 photos, each once, though the first round's files are under their old names too.
  const Json photos = json["photos"];
  EXPECT_EQ(photos["train"].get<int>() + photos["validation"].get<int>() + photos["test"].get<int>(), 80);
  EXPECT_NE(json["notes"].dump().find("3 copies left out"), std::string::npos) << json["notes"];
  EXPECT_EQ(json["facts"]["head"]["near_old_head"], false);
  for (const char* name : {"all/red/4.ppm", "all/red/17.ppm"}) {
    const Json found = run_graft({"predict", "r2", name, "--json"}, folder.path()).json();
    EXPECT_EQ(found["photos"][0]["predictions"][0]["name"], "red") << name;
  }
}

TEST(CliRounds, WithoutTheEarlierPhotosTheStrengthIsChosenByNewOnes) {
  const TemporaryFolder folder;
  write_class(folder.path() / "first", kRed, 0, 30);
  write_class(folder.path() / "first", kBlue, 0, 30);
  ASSERT_EQ(run_graft(head_words("first", "r1"), folder.path()).code, 0);
  write_class(folder.path() / "second", kRed, 30, 20);
  write_class(folder.path() / "second", kBlue, 30, 20);
  const Outcome outcome =
      run_graft({"train", "second", "--from", "r1", "--out", "r2", "--json"}, folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json head = outcome.json()["facts"]["head"];
  const Json photos = outcome.json()["photos"];
  EXPECT_EQ(head["near_old_head"], true);
  // Training and validation photos, none of which is known.
  EXPECT_EQ(head["tried"][0]["photos"], photos["train"].get<int>() + photos["validation"].get<int>());
  EXPECT_EQ(photos["train"].get<int>() + photos["validation"].get<int>() + photos["test"].get<int>(), 40);
}

/// Of the ten photos that both rounds have, those that the first one tested on: no round trains on them.
int known_tests(const fs::path& folder) {
  int found = 0;
  const Json rounds = read_json(folder / "r1/rounds.json")["rounds"];
  for (const Json& photo : rounds[0]["test"]) {
    const int number = std::stoi(fs::path(photo["file"].get<std::string>()).stem());
    found += number >= 25 ? 1 : 0;
  }
  return found;
}

TEST(CliRounds, ARoundIsCalibratedByPhotosThatNoRoundHad) {
  const TemporaryFolder folder;
  write_class(folder.path() / "first", kRed, 0, 30);
  write_class(folder.path() / "first", kBlue, 0, 30);
  ASSERT_EQ(run_graft(head_words("first", "r1"), folder.path()).code, 0);
  write_class(folder.path() / "second", kRed, 25, 20);
  write_class(folder.path() / "second", kBlue, 25, 20);
  const Words words{"train", "second", "--from", "r1", "--json"};
  const Outcome outcome = run_graft(with(words, {"--out", "r2", "--calibrate"}), folder.path());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = outcome.json();
  // Five photos of each class are known from the first round.
  const Json photos = json["photos"];
  EXPECT_EQ(json["facts"]["calibration"]["photos"],
            photos["train"].get<int>() + photos["validation"].get<int>() - 10 + known_tests(folder.path()));
  EXPECT_EQ(read_json(folder.path() / "r2/settings.json")["tuning"]["calibrate"], true);
  // Every photo has an answer, the known ones by the model.
  std::ifstream answers(folder.path() / "r2/predictions.csv");
  std::string line;
  int lines = 0;
  while (std::getline(answers, line)) ++lines;
  EXPECT_EQ(lines - 1,
            photos["train"].get<int>() + photos["validation"].get<int>() + photos["test"].get<int>());
  const Outcome plain = run_graft(with(words, {"--out", "r3", "--no-calibrate"}), folder.path());
  ASSERT_EQ(plain.code, 0) << plain.err;
  EXPECT_FALSE(plain.json()["facts"].contains("calibration"));
}

TEST(CliRounds, AConfigAloneIsTakenByEveryCommandThatAnswers) {
  clear_session();
  const TemporaryFolder folder;
  const Model network = small_network();
  std::ofstream(folder.path() / "net.json") << saving::model_config(network).dump();
  network.save_weights(folder.path() / "net.weights.h5");
  network.save(folder.path() / "whole.keras");
  write_class(folder.path() / "first", kRed);
  const auto run = [&](const Words& words) { return run_graft(words, folder.path()); };
  const std::vector<Words> commands{
      {"features", "net.json", "first", "-o", "f.csv"}, {"similar", "net.json", "first", "first/red/0.ppm"},
      {"map", "net.json", "first", "-o", "map.csv"},    {"quantize", "net.json", "first", "-o", "int8.keras"},
      {"edit", "net.json", "-o", "edited.keras"},       {"predict", "net.json", "first/red/0.ppm"}};
  for (const Words& words : commands) {
    const Outcome noise = run(with(words, {"--weights", "none"}));
    EXPECT_EQ(noise.code, 0) << words[0] << ": " << noise.err;
    EXPECT_NE(noise.err.find("has no weights"), std::string::npos) << words[0] << ": " << noise.err;
  }
  // With weights each answers as the whole model.
  const Words weights{"--weights", "net.weights.h5"};
  const Outcome near = run(with({"similar", "net.json", "first", "first/red/0.ppm"}, weights));
  EXPECT_EQ(near.out, run({"similar", "whole.keras", "first", "first/red/0.ppm"}).out) << near.err;
  EXPECT_EQ(near.err.find("has no weights"), std::string::npos) << near.err;
  EXPECT_EQ(run(with({"quantize", "net.json", "first", "-o", "q.keras"}, weights)).code, 0);
  EXPECT_EQ(run({"quantize", "whole.keras", "first", "-o", "q2.keras"}).code, 0);
  EXPECT_EQ(run({"predict", "q.keras", "first/red/0.ppm", "--precision", "int8"}).out,
            run({"predict", "q2.keras", "first/red/0.ppm", "--precision", "int8"}).out);
  // A model file has its own.
  EXPECT_EQ(run(with({"similar", "whole.keras", "first", "first/red/0.ppm"}, weights)).code, 2);
}

TEST(CliRounds, ContradictoryOptionsAreReported) {
  clear_session();
  const TemporaryFolder folder;
  write_config(folder.path() / "net.json");
  write_class(folder.path() / "first", kRed);
  write_class(folder.path() / "first", kBlue);
  write_class(folder.path() / "other", kGreen);
  small_network().save(folder.path() / "nameless.keras");
  small_network(7).save(folder.path() / "channels.keras");
  std::ofstream(folder.path() / "broken.json") << "{\"class_name\": ";
  ASSERT_EQ(run_graft(with({"train", "first", "--out", "r1", "--quiet"}, kOwn), folder.path()).code, 0);
  fs::create_directories(folder.path() / "bad");
  fs::copy(folder.path() / "r1/model.keras", folder.path() / "bad/model.keras");
  std::ofstream(folder.path() / "bad/rounds.json") << "{\"rounds\": [{\"photos\": 3}]}";
  struct Case {
    Words words;
    int code;
    std::string message;
  };
  const std::vector<Case> cases{
      {{"--from", "nameless.keras"}, 2, "no class names"},
      {{"--from", "none"}, 3, "no file or folder 'none'"},
      {{"--from", "first"}, 3, "no model.keras"},
      {{"--from", "bad"}, 4, "rounds.json"},
      {{"--from", "r1", "--model", "vgg16"}, 2, "--model"},
      {{"--from", "r1", "--image-size", "32"}, 2, "graft edit"},
      {{"--from", "r1", "--rehearse", "many"}, 2, "--rehearse many"},
      {{"--rehearse", "5"}, 2, "--from DIR"},
      {{"--model", "broken.json"}, 4, "no JSON"},
      {{"--model", "none.json"}, 3, "none.json"},
      {{"--model", "channels.keras"}, 5, "7 channels"},
  };
  for (const Case& one : cases) {
    const Outcome outcome =
        run_graft(with({"train", "first", "--out", "out", "--quiet"}, one.words), folder.path());
    EXPECT_EQ(outcome.code, one.code) << one.words.front() << " " << one.words.back() << outcome.err;
    EXPECT_NE(outcome.err.find(one.message), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(folder.path() / "out"));
  }
  // None of the known classes, and no rehearsal.
  const Outcome outcome = run_graft({"train", "other", "--from", "r1", "--out", "out"}, folder.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--rehearse"), std::string::npos) << outcome.err;
  // With rehearsal, one new class is enough.
  const Outcome rehearsed =
      run_graft({"train", "other", "--from", "r1", "--rehearse", "first", "--out", "out"}, folder.path());
  EXPECT_EQ(rehearsed.code, 0) << rehearsed.err;
}

/// Deep enough that one step at a far too high rate makes its outputs infinite.
Model fragile_network() {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::GlobalAveragePooling2D()(input);
  for (int i = 0; i < 16; ++i) x = layers::Dense({.units = 4})(x);
  return {input, layers::Dense({.units = 2})(x)};
}

TEST(CliRounds, AfterANaNTheLastGoodStateIsSaved) {
  clear_session();
  const TemporaryFolder folder;
  write_class(folder.path() / "first", kRed);
  write_class(folder.path() / "first", kBlue);
  const Model network = fragile_network();
  network.save(folder.path() / "net.keras");
  const Outcome outcome = run_graft({"train", "first", "--out", "r1", "--model", "net.keras", "--batch-size",
                                     "4", "--learning-rate", "1000"},
                                    folder.path());
  EXPECT_EQ(outcome.code, 9) << outcome.out << outcome.err;
  EXPECT_NE(outcome.err.find("training broke down"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("--learning-rate"), std::string::npos) << outcome.err;
  const Model kept = saving::load_model(folder.path() / "r1/model.keras").model;
  ASSERT_EQ(kept.weights().size(), network.weights().size());
  for (std::size_t i = 0; i < kept.weights().size(); ++i)
    EXPECT_EQ(max_difference(kept.weights()[i]->value().data(), network.weights()[i]->value().data()), 0);
  EXPECT_NE(read_json(folder.path() / "r1/result.json")["broke_down"], "");
  EXPECT_FALSE(fs::exists(folder.path() / "r1/unfinished.state"));
  // At a suitable rate training continues from there.
  const Outcome again =
      run_graft({"train", "first", "--from", "r1", "--learning-rate", "1e-4", "--out", "r2"}, folder.path());
  EXPECT_EQ(again.code, 0) << again.err;
}

TEST(CliRounds, NotesAboutFoldersAndHowPixelsAreKept) {
  clear_session();
  const TemporaryFolder folder;
  small_network().save(folder.path() / "net.keras");
  const auto part = [&](const std::string& name, int first, int count) {
    write_class(folder.path() / name, kRed, first, count);
    write_class(folder.path() / name, kBlue, first, count);
  };
  part("first/training_set", 0, 12);
  part("first/test_set", 12, 4);
  const Outcome first = run_graft({"train", "first", "--model", "net.keras", "--epochs", "1", "--pixel-type",
                                   "float32", "--out", "r1", "--json"},
                                  folder.path());
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.json()["notes"].dump().find("test_set"), std::string::npos) << first.out;
  // Another layout; its test folder lacks a class and has one that nobody trains.
  part("second/training_set", 20, 12);
  write_class(folder.path() / "second/test_set", kRed, 32, 4);
  write_class(folder.path() / "second/test_set", kGreen, 32, 4);
  const Outcome second =
      run_graft({"train", "second", "--from", "r1", "--epochs", "1", "--out", "r2", "--json"}, folder.path());
  ASSERT_EQ(second.code, 0) << second.err;
  const std::string notes = second.json()["notes"].dump();
  EXPECT_NE(notes.find("training_set"), std::string::npos) << notes;
  EXPECT_NE(notes.find("green"), std::string::npos) << notes;
  EXPECT_NE(notes.find("has no photo of 'blue'"), std::string::npos) << notes;
  EXPECT_EQ(second.json()["photos"]["test"], 4);
  EXPECT_EQ(read_json(folder.path() / "r2" / "settings.json").value("pixel_type", ""), "float32");
}

}  // namespace
}  // namespace graft::test

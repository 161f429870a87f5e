// SPDX-License-Identifier: Apache-2.0
// Several labels on a photo: runs that are killed and continued, and later rounds.
#include <algorithm>
#include <csignal>
#include <fstream>

#include "several_training.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

class CliSeveralRounds : public CliSeveral {
 protected:
  /// Long enough to be killed.
  static Words long_run(const std::string& list, const std::string& out, const Words& more) {
    Words all{"train",
              "photos",
              "--labels",
              "photos/" + list,
              "--weights",
              "none",
              "--model",
              "mobilenet_v2",
              "--image-size",
              "32",
              "--out",
              out,
              "--epochs",
              "6",
              "--always-fine-tune",
              "--checkpoint-seconds",
              "0",
              "--multi-label"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// Kills a long run as soon as it has saved its state.
  void kill(const std::string& list, const std::string& out) const {
    ASSERT_EQ(stop_graft(long_run(list, out, {}), root(), root() / out / "unfinished.state", SIGKILL), -1);
  }

  void first_round() const {
    ASSERT_EQ(train({"--labels", "photos/list.csv", "--multi-label", "--out", "first", "--always-fine-tune",
                     "--epochs", "1"})
                  .code,
              0);
  }
  /// The earlier photos, and 16 of another label.
  std::string with_grey_photos() const {
    std::string more = read_file(root() / "photos/list.csv");
    for (int i = 0; i < 16; ++i) {
      const std::string name = "grey" + std::to_string(i) + ".ppm";
      write_picture(root() / "photos" / name, 100 + i, 100 + 2 * i, 100 + i % 5);
      more += name + ",grey\n";
    }
    return more;
  }
};

TEST_F(CliSeveralRounds, AKilledRunContinuesToTheSameModel) {
  ASSERT_EQ(run(long_run("list.csv", "whole", {})).code, 0);
  kill("list.csv", "killed");
  const Outcome continued = run(long_run("list.csv", "killed", {"--resume"}));
  ASSERT_EQ(continued.code, 0) << continued.err;
  EXPECT_TRUE(says(continued.err, "continuing from")) << continued.err;
  EXPECT_EQ(read_file(root() / "killed/model.keras"), read_file(root() / "whole/model.keras"));
}

/// The parts are given, so that other labels leave the photos of each as they are: the labels alone differ.
TEST_F(CliSeveralRounds, AKilledRunIsNotContinuedWithOtherLabels) {
  const auto write_list = [&](const std::string& of_first) {
    std::string text = "path,labels,split\n";
    for (int i = 0; i < 64; ++i) {
      const char* part = i % 16 < 8 ? "train" : i % 32 < 16 ? "val" : "test";
      text += name_of(i) + "," + (i == 1 ? of_first : labels_of(i)) + "," + part + "\n";
    }
    write_labels(root() / "photos/parts.csv", text);
  };
  write_list("red");
  kill("parts.csv", "killed");
  write_list("red|green");
  const Outcome other = run(long_run("parts.csv", "killed", {"--resume"}));
  EXPECT_NE(other.code, 0);
  EXPECT_TRUE(says(other.err, "the photos are not those of the interrupted run")) << other.err;
  write_list("red");
  EXPECT_EQ(run(long_run("parts.csv", "killed", {"--resume"})).code, 0);
}

TEST_F(CliSeveralRounds, ALaterRoundKeepsPartsAndHasNewLabels) {
  first_round();
  write_labels(root() / "photos/more.csv", with_grey_photos());
  const Outcome second =
      run({"train", "--labels", "photos/more.csv", "--from", "first", "--out", "second", "--json"});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(second.json()["several_labels"]["classes"], (Json{"blue", "green", "grey", "red"}));
  EXPECT_TRUE(says(second.err, "64 known from earlier rounds keep their part")) << second.err;
  EXPECT_TRUE(says(second.err, "weights as the earlier round left them")) << second.err;
  const auto before = parts_in("first"), now = parts_in("second");
  ASSERT_EQ(before.size(), 64U);
  for (const auto& [file, part] : before) {
    ASSERT_TRUE(now.contains(file)) << file;
    EXPECT_EQ(now.at(file), part) << file;
  }
  EXPECT_EQ(now.size(), 80U);
  EXPECT_EQ(read_json(root() / "second/rounds.json")["rounds"].size(), 2U);
  const Json rounds = second.json()["facts"]["rounds"];
  ASSERT_EQ(rounds.size(), 2U) << second.out;
  EXPECT_EQ(rounds[0]["missing"], 0) << rounds;
  EXPECT_NEAR(rounds[0]["accuracy_then"].get<double>(), rounds[0]["accuracy_before"].get<double>(), 1e-9);
  EXPECT_EQ(rounds[0]["test_photos"].get<std::ptrdiff_t>(),
            std::ranges::count_if(before, [](const auto& one) { return one.second == "test"; }));
  EXPECT_GT(rounds[1]["test_photos"].get<int>(), rounds[0]["test_photos"].get<int>());
  EXPECT_TRUE(rounds[1]["accuracy"].is_number() && rounds[1]["accuracy_before"].is_number()) << rounds;
}

/// The weights that the first round names are none, which the second one's options do not say.
TEST_F(CliSeveralRounds, AThirdRoundStartsFromTheSecond) {
  first_round();
  const Words again{"train", "--labels", "photos/list.csv", "--json", "--recipe", "head"};
  const auto with = [&](const Words& more) {
    Words all = again;
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  const Outcome second = with({"--from", "first", "--out", "second"});
  ASSERT_EQ(second.code, 0) << second.err;
  const Json used = read_json(root() / "second/settings.json")["used"];
  EXPECT_EQ(used["weights"], "none") << used.dump(1);
  EXPECT_EQ(used["architecture"], "mobilenet_v2") << used.dump(1);
  EXPECT_EQ(used["weights_file"], "model.keras") << used.dump(1);
  const Outcome third = with({"--from", "second", "--out", "third"});
  ASSERT_EQ(third.code, 0) << third.err;
  EXPECT_EQ(read_json(root() / "third/rounds.json")["rounds"].size(), 3U);
  // The base is that of the first round, fine-tuned there; the heads see the same photos in the same parts.
  EXPECT_EQ(third.json()["several_labels"], second.json()["several_labels"]);
}

TEST_F(CliSeveralRounds, GivenTestPhotosThatWereTrainedOnAreLeftOut) {
  first_round();
  std::string text = "path,labels,split\n";
  std::size_t trained = 0;
  for (const auto& [file, part] : parts_in("first")) {
    const int i = std::stoi(file);
    // Half of the training photos are to be tested on now.
    const bool moved = part == "train" && i / 8 % 2 == 1;
    trained += moved ? 1 : 0;
    const std::string now = moved ? "test" : part == "validation" ? "val" : part;
    text += file + "," + labels_of(i) + "," + now + "\n";
  }
  write_labels(root() / "photos/moved.csv", text);
  const Outcome second = run({"train", "--labels", "photos/moved.csv", "--from", "first", "--recipe", "head",
                              "--out", "second", "--json"});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_TRUE(says(second.err, std::to_string(trained) + " left out: they were in another part before"))
      << second.err;
  const auto before = parts_in("first"), now = parts_in("second");
  for (const auto& [file, part] : now) {
    if (part == "test") {
      EXPECT_EQ(before.at(file), "test") << file;
    }
  }
}

TEST_F(CliSeveralRounds, WhatALaterRoundCannotDoIsRefusedByName) {
  first_round();
  write_labels(root() / "photos/few.csv", "path,labels\n1.ppm,red\n2.ppm,green\n3.ppm,red|green\n");
  const auto refused = [&](const Words& more) {
    Words words{"train", "--from", "first", "--out", "no"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    EXPECT_NE(outcome.code, 0);
    EXPECT_FALSE(fs::exists(root() / "no/model.keras"));
    return outcome.err;
  };
  EXPECT_TRUE(says(refused({"--labels", "photos/list.csv", "--rehearse", "5"}),
                   "not possible with several labels on a photo"));
  EXPECT_TRUE(says(refused({"--labels", "photos/list.csv", "--recipe", "network"}),
                   "not possible with several labels on a photo"));
  EXPECT_TRUE(says(refused({"--labels", "photos/few.csv"}), "no photo has the earlier model's label 'blue'"));
}

}  // namespace
}  // namespace graft::test

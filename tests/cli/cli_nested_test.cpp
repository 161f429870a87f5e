// SPDX-License-Identifier: Apache-2.0
// The program with classes in folders within folders.
#include <fstream>

#include "small_training.hpp"

namespace graft::test {
namespace {

/// warm/red, warm/orange and cold/blue, each with photos of its colour.
class CliNested : public SmallTraining {
 protected:
  CliNested() {
    std::string list = "path,label\n";
    for (int i = 0; i < 12; ++i) {
      const std::string file = std::to_string(i) + ".ppm";
      write_picture(root() / "photos/warm/red" / file, 200 + i, 5 * i, 0);
      write_picture(root() / "photos/warm/orange" / file, 200 + i, 120 + i, 3 * i);
      write_picture(root() / "photos/cold/blue" / file, 0, 5 * i, 200 + i);
      for (const char* name : {"warm/red", "warm/orange", "cold/blue"})
        list += std::string(name) + "/" + file + "," + name + "\n";
    }
    std::ofstream(root() / "photos.csv", std::ios::binary) << list;
  }
};

TEST_F(CliNested, HasAccuracyAtEachLevel) {
  const Outcome trained = train({"photos", "--nested", "--recipe", "head", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(trained.json()["classes"], (Json{"cold/blue", "warm/orange", "warm/red"}));
  const Json result = read_json(root() / "run/result.json");
  const Json level = result["levels"].at(0);
  EXPECT_EQ(trained.json()["levels"], result["levels"]);
  EXPECT_EQ(level["level"], 1);
  EXPECT_EQ(level["names"], (Json{"cold", "warm"}));
  EXPECT_GE(level["accuracy"].get<double>(), result["test_accuracy"].get<double>());
  EXPECT_EQ(read_json(root() / "run/report.json")["sets"][0]["levels"], result["levels"]);

  // The model's class names say that folders are nested.
  const Outcome judged = run({"evaluate", "run", "photos", "--json", "--out", "judged"});
  ASSERT_EQ(judged.code, 0) << judged.err;
  EXPECT_EQ(judged.json()["photos"], 36);
  EXPECT_EQ(judged.json()["levels"][0]["photos"], 36);
  EXPECT_EQ(read_json(root() / "judged/result.json")["levels"], judged.json()["levels"]);
  EXPECT_TRUE(says(run({"evaluate", "run", "photos", "--no-report"}).out, "level 1 (cold, warm): "));

  const Outcome again = run({"train", "--settings", "run", "--out", "again", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["levels"], result["levels"]);

  // A list with the same labels is the same training.
  const Outcome listed = train({"photos", "--labels", "photos.csv", "--recipe", "head", "--out", "listed"});
  ASSERT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(listed.json()["levels"], result["levels"]);
}

TEST_F(CliNested, WithoutTheOptionAFolderIsOneClass) {
  const Outcome trained = train({"photos", "--recipe", "head", "--out", "run"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(trained.json()["classes"], (Json{"cold", "warm"}));
  EXPECT_FALSE(trained.json().contains("levels"));
}

}  // namespace
}  // namespace graft::test

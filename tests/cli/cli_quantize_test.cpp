// SPDX-License-Identifier: Apache-2.0
// graft quantize, and --precision int8 of the commands that run a model.
#include <fstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/saving.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class CliQuantize : public testing::Test {
 protected:
  CliQuantize() {
    write_red_or_blue(at("model"));
    for (const char* name : {"red", "blue"}) fs::create_directories(at("photos") / name);
    for (int i = 0; i < 8; ++i) {
      const std::string file = std::to_string(i) + ".ppm";
      write_picture(at("photos") / "red" / file, 200 + i, 10 * i, 5);
      write_picture(at("photos") / "blue" / file, 5, 10 * i, 200 + i);
    }
  }

  [[nodiscard]] fs::path at(const char* name) const { return folder_.path() / name; }
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, folder_.path()); }

  TemporaryFolder folder_;
};

TEST_F(CliQuantize, WritesAModelThatPredictsInInt8) {
  const Outcome outcome = run({"quantize", "model", "photos", "-o", "int8", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["model"], "int8/model.keras");
  EXPECT_EQ(outcome.json()["photos"], 8);
  EXPECT_EQ(outcome.json()["agreement"], 1);
  EXPECT_EQ(outcome.json()["accuracy_float32"], 1);
  EXPECT_EQ(outcome.json()["accuracy_int8"], 1);
  const Outcome predicted = run({"predict", "int8", "photos/red/1.ppm", "--precision", "int8", "--json"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(predicted.json()[0]["predictions"][0]["name"], "red");
  EXPECT_EQ(run({"evaluate", "int8", "photos", "--precision", "int8", "--json"}).json()["accuracy"], 1);
  EXPECT_EQ(run({"features", "int8", "photos", "-o", "f.npy", "--precision", "int8"}).code, 0);
  EXPECT_EQ(run({"profile", "int8", "--precision", "int8", "--runs", "1", "--json"}).code, 0);
  // Apart from the int8 entry the metadata is unchanged.
  const auto before = saving::load_model(at("model") / "model.keras");
  const auto after = saving::load_model(at("int8") / "model.keras");
  EXPECT_EQ(before.model.count_params(), after.model.count_params());
  Json metadata = Json::parse(after.extra.at("graft.json"));
  metadata.erase("int8");
  EXPECT_EQ(metadata, Json::parse(before.extra.at("graft.json")));
}

TEST_F(CliQuantize, ComparesPredictionsWhenFoldersAreNotTheModelsClasses) {
  fs::rename(at("photos") / "red", at("photos") / "warm");
  const Outcome outcome = run({"quantize", "model", "photos", "-o", "int8.keras", "--photos", "4"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("agree on 100.0 % of 12 photos"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("accuracy"), std::string::npos) << outcome.out;
}

TEST_F(CliQuantize, InvalidArgumentsAreReported) {
  const Outcome plain = run({"predict", "model", "photos/red/1.ppm", "--precision", "int8"});
  EXPECT_EQ(plain.code, 2);
  EXPECT_NE(plain.err.find("graft quantize"), std::string::npos) << plain.err;
  const Outcome features =
      run({"features", "model", "photos/red/1.ppm", "-o", "f.npy", "--precision", "int8"});
  EXPECT_EQ(features.code, 2);
  EXPECT_NE(features.err.find("graft quantize"), std::string::npos) << features.err;
  EXPECT_EQ(run({"quantize", "model", "photos", "-o", "model"}).code, 2);
  EXPECT_EQ(run({"quantize", "model", "nowhere", "-o", "int8"}).code, 3);
  EXPECT_EQ(run({"quantize", "model", "photos", "-o", "int8", "--most-lost", "7"}).code, 2);
  EXPECT_FALSE(fs::exists(at("int8")));
}

}  // namespace
}  // namespace graft::test

// SPDX-License-Identifier: Apache-2.0
// graft train --resume: finished runs, and photos that moved or changed in between.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/json.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

class CliResume : public testing::Test {
 protected:
  CliResume() {
    for (int i = 0; i < 20; ++i) {
      write_picture(path("colours") / "red" / (std::to_string(i) + ".ppm"), 200 + i, 5 * i, 0);
      write_picture(path("colours") / "blue" / (std::to_string(i) + ".ppm"), 0, 5 * i, 200 + i);
    }
  }
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, folder_.path()); }
  [[nodiscard]] fs::path path(const std::string& name) const { return folder_.path() / name; }

  TemporaryFolder folder_;
};

TEST_F(CliResume, AFinishedRunIsNotTrainedAgain) {
  const Words train{"train",        "colours", "--weights", "none", "--model", "mobilenet_v2",
                    "--image-size", "32",      "--recipe",  "head", "--out",   "o"};
  ASSERT_EQ(run(train).code, 0);
  const auto written = fs::last_write_time(path("o") / "model.keras");
  Words resume = train;
  resume.emplace_back("--resume");
  const Outcome again = run(resume);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.out.find("finished"), std::string::npos) << again.out << again.err;
  resume.emplace_back("--json");
  EXPECT_EQ(run(resume).json()["finished"], true);
  EXPECT_EQ(fs::last_write_time(path("o") / "model.keras"), written);
  // Killed while it wrote the report: that is done now.
  fs::remove(path("o") / "report.html");
  for (const char* half : {".report.html.1.2.tmp", ".outliers.csv.1.3.tmp"})
    write_file_atomically(path("o") / half, "half");
  write_file_atomically(path("o") / ".mine.tmp", "of the user");
  EXPECT_EQ(run(resume).code, 0);
  EXPECT_TRUE(fs::exists(path("o") / "report.html"));
  for (const char* half : {".report.html.1.2.tmp", ".outliers.csv.1.3.tmp"})
    EXPECT_FALSE(fs::exists(path("o") / half)) << half;
  EXPECT_TRUE(fs::exists(path("o") / ".mine.tmp"));
  // A result that a stopped run left is no finished one.
  Json result = read_json(path("o") / "result.json");
  result["stopped"] = true;
  write_file_atomically(path("o") / "result.json", result.dump());
  EXPECT_EQ(run(resume).json().contains("finished"), false);
  EXPECT_NE(fs::last_write_time(path("o") / "model.keras"), written);
}

TEST_F(CliResume, PhotosMayMoveButNotChange) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor x = layers::GlobalAveragePooling2D()(layers::Rescaling({.scale = {1 / 255.0}})(input));
  Model(input, layers::Dense({.units = 2, .activation = "softmax"})(x)).save(path("own.keras"));
  const auto train = [](const std::string& photos, const Words& more) {
    Words words{"train", photos, "--model", "own.keras", "--learning-rate", "1e-6", "--checkpoint-seconds",
                "0"};
    words.insert(words.end(), {"--out", "o", "--epochs"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const fs::path state = path("o") / "unfinished.state";
  EXPECT_EQ(stop_graft(train("colours", {"300"}), folder_.path(), state, SIGKILL), -1);
  ASSERT_TRUE(fs::exists(state));
  fs::rename(path("colours"), path("elsewhere"));
  const Outcome other = run(train("elsewhere", {"300", "--resume", "--seed", "7"}));
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("seed 42, this one 7"), std::string::npos) << other.err;
  const Outcome continued = run(train("elsewhere", {"300", "--resume"}));
  EXPECT_EQ(continued.code, 0) << continued.err;
  EXPECT_NE(continued.err.find("continuing from"), std::string::npos) << continued.err;
  EXPECT_NE(continued.err.find("the photos moved"), std::string::npos) << continued.err;
  fs::remove_all(path("o"));
  EXPECT_EQ(stop_graft(train("elsewhere", {"300"}), folder_.path(), state, SIGKILL), -1);
  fs::remove(path("elsewhere") / "red" / "3.ppm");
  const Outcome changed = run(train("elsewhere", {"300", "--resume"}));
  EXPECT_EQ(changed.code, 2);
  EXPECT_NE(changed.err.find("the photos are not those of the interrupted run"), std::string::npos)
      << changed.err;
}

}  // namespace
}  // namespace graft::test

// SPDX-License-Identifier: Apache-2.0
// Reports of graft train and graft evaluate, graft report, graft compare.
#include <filesystem>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

namespace fs = std::filesystem;

class CliReport : public testing::Test {
 protected:
  CliReport() {
    write_red_or_blue(root() / "model");
    for (int i = 0; i < 6; ++i) {
      write_picture(root() / "p/red" / (std::to_string(i) + ".ppm"), i == 0 ? 10 : 250, 0, i == 0 ? 200 : i);
      write_picture(root() / "p/blue" / (std::to_string(i) + ".ppm"), 0, i, 250);
    }
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }
  [[nodiscard]] Outcome run(const std::vector<std::string>& words) const { return run_graft(words, root()); }

 private:
  TemporaryFolder folder_;
};

TEST_F(CliReport, EvaluateWritesAFolderUnlessToldNotTo) {
  const Outcome none = run({"evaluate", "model", "p", "--no-report", "--json"});
  ASSERT_EQ(none.code, 0) << none.err;
  EXPECT_TRUE(none.json()["report"].is_null());
  EXPECT_FALSE(fs::exists(root() / "p-evaluation"));
  const Outcome outcome = run({"evaluate", "model", "p", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["report"]["html"], "p-evaluation/report.html");
  for (const char* file : {"report.html", "report.json", "model_card.md", "predictions.csv", "result.json"})
    EXPECT_TRUE(fs::exists(root() / "p-evaluation" / file)) << file;
  const Json report = read_json(root() / "p-evaluation/report.json");
  EXPECT_EQ(report.at("name"), "p-evaluation");
  EXPECT_EQ(report.at("command"), "graft evaluate model p --json");
  EXPECT_NEAR(report.at("headline").at("accuracy").get<double>(), 11.0 / 12, 1e-9);
  // A second one is beside it, and neither is taken for a class.
  ASSERT_EQ(run({"evaluate", "model", "p"}).code, 0);
  EXPECT_TRUE(fs::exists(root() / "p-evaluation-2/report.html"));
  EXPECT_EQ(run({"evaluate", "model", "p", "--out", "p-evaluation"}).code, 2);
  EXPECT_EQ(run({"evaluate", "model", "p", "--out", "x", "--no-report"}).code, 2);
  ASSERT_EQ(run({"evaluate", "model", "p", "--out", "p/inside"}).code, 0);
  EXPECT_EQ(run({"evaluate", "model", "p", "--no-report"}).code, 0);
}

TEST_F(CliReport, IsWrittenAgainFromTheFiles) {
  ASSERT_EQ(run({"evaluate", "model", "p", "--out", "e"}).code, 0);
  const std::string page = read_file(root() / "e/report.html");
  fs::remove(root() / "e/report.html");
  const Outcome again = run({"report", "e", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["photos_shown"], 12);
  EXPECT_EQ(read_file(root() / "e/report.html"), page);
  EXPECT_EQ(run({"report", "p"}).code, 3);
  const Outcome fewer = run({"report", "e", "--photos", "4"});
  EXPECT_NE(fewer.out.find("4 of 12 photos"), std::string::npos) << fewer.out;
}

TEST_F(CliReport, TrainWritesOneBesideTheModel) {
  const std::vector<std::string> words{"train",  "p",        "--weights", "none",    "--image-size", "32",
                                       "--head", "centroid", "--quiet",   "--model", "mobilenet_v2"};
  std::vector<std::string> with = words, without = words;
  with.insert(with.end(), {"--out", "a"});
  without.insert(without.end(), {"--out", "b", "--no-report"});
  ASSERT_EQ(run(with).code, 0);
  ASSERT_EQ(run(without).code, 0);
  EXPECT_FALSE(fs::exists(root() / "b/report.html"));
  const Json report = read_json(root() / "a/report.json");
  EXPECT_EQ(report.at("kind"), "training");
  EXPECT_GT(report.at("model").at("layers").size(), 3U);
  EXPECT_EQ(report.at("data").at("counts").size(), 2U);
  const Outcome compared = run({"compare", "a", "b"});
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_NE(compared.out.find("may be chance"), std::string::npos)
      << compared.out;  // both gave equal answers
  EXPECT_EQ(run({"compare", "a", "b", "--json"}).json()["pairs"][0]["p"], 1);
  EXPECT_EQ(run({"compare", "a"}).code, 2);
}

}  // namespace
}  // namespace graft::test

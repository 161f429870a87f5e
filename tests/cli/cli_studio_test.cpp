// SPDX-License-Identifier: Apache-2.0
// graft studio as a program, and the progress that it reads. Requests: tests/unit/serve; the page: tests/web.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

TEST(CliStudio, MakesItsProjectAndEndsOnSigterm) {
  const TemporaryFolder folder;
  const std::string command =
      "cd '" + folder.path().string() +
      "' && { '" GRAFT_PROGRAM
      "' studio things --port 0 --json > address & } && for i in $(seq 400); do [ -s address ] && "
      "break; sleep 0.05; done; '" GRAFT_PROGRAM
      "' studio things --port 0 --json > second 2>&1; second=$?; kill -TERM $!; wait $! && [ $second = 2 ]";
  EXPECT_EQ(std::system(command.c_str()), 0);
  const Json address = read_json(folder.path() / "address");
  EXPECT_GT(address["port"].get<int>(), 0);
  EXPECT_EQ(address["token"].get<std::string>().size(), 32U);
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "things/.graft-studio"));
}

TEST(CliStudio, RefusesAFileAndAFolderWithParts) {
  const TemporaryFolder folder;
  write_picture(folder.path() / "photos/train/red/a.ppm", 9, 0, 0);
  write_picture(folder.path() / "photos/test/red/b.ppm", 9, 0, 0);
  const Outcome parts = run_graft({"studio", "photos", "--port", "0"}, folder.path());
  EXPECT_EQ(parts.code, 2);
  EXPECT_NE(parts.err.find("train/"), std::string::npos) << parts.err;
  EXPECT_EQ(run_graft({"studio", "photos/train/red/a.ppm", "--port", "0"}, folder.path()).code, 2);
}

TEST(CliStudio, ProgressComesAsJsonLines) {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) {
    write_picture(folder.path() / ("photos/red/" + std::to_string(i) + ".ppm"), 9 + i, 0, 0);
    write_picture(folder.path() / ("photos/blue/" + std::to_string(i) + ".ppm"), 0, 0, 9 + i);
  }
  const std::string command = "cd '" + folder.path().string() +
                              "' && GRAFT_PROGRESS=json '" GRAFT_PROGRAM
                              "' inspect photos --no-features --quiet > out 2> progress";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ifstream lines(folder.path() / "progress");
  std::size_t seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) {
    const Json json = Json::parse(line, nullptr, false);
    EXPECT_TRUE(json.is_object() && (json.contains("line") || json.contains("stage"))) << line;
  }
  EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace graft::test

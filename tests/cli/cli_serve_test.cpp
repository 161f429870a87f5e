// SPDX-License-Identifier: Apache-2.0
// graft serve as a program: its address, its end, what it refuses. Requests: tests/unit/serve.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

TEST(CliServe, EndsOnSigtermWithExitCode0) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  const std::string command =
      "cd '" + folder.path().string() +
      "' && { '" GRAFT_PROGRAM
      "' serve model --port 0 --json > address & } && for i in $(seq 400); do [ -s address ] && "
      "break; sleep 0.05; done; [ -s address ]; early=$?; kill -TERM $!; wait $! && [ $early = 0 ]";
  EXPECT_EQ(std::system(command.c_str()), 0);
  const Json address = read_json(folder.path() / "address");
  EXPECT_EQ(address["models"], Json{"model"});
  EXPECT_GT(address["port"].get<int>(), 0);
}

TEST(CliServe, RefusesWhatCannotBeServed) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  EXPECT_EQ(run_graft({"serve", "missing", "--port", "0"}, folder.path()).code, 3);
  const Outcome twice = run_graft({"serve", "model", "model", "--port", "0"}, folder.path());
  EXPECT_EQ(twice.code, 2);
  EXPECT_NE(twice.err.find("model"), std::string::npos);
  EXPECT_EQ(run_graft({"serve", "model", "--host", "nowhere", "--port", "0"}, folder.path()).code, 2);
  EXPECT_EQ(run_graft({"serve", "model", "--lan", "--host", "127.0.0.1"}, folder.path()).code, 2);
}

}  // namespace
}  // namespace graft::test

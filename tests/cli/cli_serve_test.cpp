// SPDX-License-Identifier: Apache-2.0
// graft serve as a program: its address, its end, what it refuses. Requests: tests/unit/serve.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

TEST(CliServe, EndsOnSigtermWithWhatWasAccepted) {
  const TemporaryFolder folder;
  write_red_or_blue(folder.path() / "model");
  // The model is there at once: the signal comes while the server starts, or when it runs.
  EXPECT_EQ(stop_graft({"serve", "model", "--port", "0", "--quiet"}, folder.path(), folder.path() / "model",
                       SIGTERM),
            0);
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

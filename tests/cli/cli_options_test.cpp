// SPDX-License-Identifier: Apache-2.0
// Every option of every command with a value that makes no sense.
#include <gtest/gtest.h>

#include "help_lists.hpp"
#include "run.hpp"

namespace graft::test {
namespace {

TEST(CliOptions, NoValueEndsTheProgramWithoutAMessage) {
  std::size_t tried = 0;
  for (const Words& command : commands()) {
    for (const std::string& option : options_in(help_of(command))) {
      if (option == "--help" || option == "-h" || option == "--version" || option == "--help-all") continue;
      Words words = command;
      // The last word is no option, so that nothing runs.
      words.insert(words.end(), {"no-such-photos", option, ",:=;x", "--no-such-option"});
      const Outcome outcome = run_graft(words);
      EXPECT_EQ(outcome.code, 2) << testing::PrintToString(words) << outcome.err;
      EXPECT_TRUE(outcome.err.starts_with("graft: ")) << testing::PrintToString(words) << outcome.err;
      ++tried;
    }
  }
  EXPECT_GT(tried, 300U);
}

TEST(CliOptions, AnErrorOfTheLibraryNamesTheFlagAndTheHelp) {
  const Outcome outcome = run_graft({"train", "no-such-photos", "--columns", "file=file"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--columns: expected names as path=NAME"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("See: graft train --help"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace graft::test

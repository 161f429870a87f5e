// SPDX-License-Identifier: Apache-2.0
// Trainings of a small network with random weights, in a folder of their own.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "run.hpp"
#include "support.hpp"

namespace graft::test {

using Words = std::vector<std::string>;

[[nodiscard]] inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class SmallTraining : public testing::Test {
 protected:
  [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }
  [[nodiscard]] Outcome run(const Words& words) const { return run_graft(words, root()); }
  [[nodiscard]] Outcome train(const Words& more) const {
    Words words{"train", "--weights", "none", "--model", "mobilenet_v2", "--image-size", "32", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  /// The part of each photo in a run's predictions.csv.
  [[nodiscard]] std::map<std::string, std::string> parts_in(const std::string& out) const {
    std::map<std::string, std::string> found;
    std::ifstream file(root() / out / "predictions.csv");
    std::string line;
    std::getline(file, line);  // the names of the columns
    while (std::getline(file, line)) {
      const std::size_t comma = line.find(',');
      found[std::filesystem::path(line.substr(0, comma)).filename().string()] =
          line.substr(comma + 1, line.find(',', comma + 1) - comma - 1);
    }
    return found;
  }
  /// Each of these options beside the others, which have --out no: a message that begins with its name, and
  /// nothing is written.
  void expect_options_refused(const Words& others, const std::vector<Words>& options,
                              const std::string& why) const {
    for (const Words& option : options) {
      Words words = others;
      words.insert(words.end(), option.begin(), option.end());
      const Outcome refused = train(words);
      EXPECT_NE(refused.code, 0) << option[0];
      EXPECT_TRUE(says(refused.err, option[0] + ": " + why)) << refused.err;
      EXPECT_FALSE(std::filesystem::exists(root() / "no"));
    }
  }
  /// Each of these commands, with such a reason.
  void expect_commands_refused(const std::vector<Words>& commands, const std::string& why) const {
    for (const Words& words : commands) {
      const Outcome refused = run(words);
      EXPECT_NE(refused.code, 0) << words[0];
      EXPECT_TRUE(says(refused.err, why)) << words[0] << refused.err;
    }
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace graft::test

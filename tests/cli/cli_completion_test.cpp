// SPDX-License-Identifier: Apache-2.0
// Completion and manual pages have what --help has.
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "help_lists.hpp"
#include "run.hpp"
#include "support.hpp"

namespace graft::test {
namespace {

/// What bash offers after these words, the last of which is being typed.
std::set<std::string> offered_by_bash(const std::filesystem::path& folder, const Words& words) {
  std::string line = "cd " + folder.string() + " && source ./script && COMP_WORDS=(graft";
  for (const std::string& word : words) line += " '" + word + "'";
  line += ") COMP_CWORD=" + std::to_string(words.size()) +
          " && _graft && printf '%s\\n' \"${COMPREPLY[@]}\" > offered";
  std::ofstream(folder / "line") << line << '\n';
  if (std::system(("bash " + (folder / "line").string()).c_str()) != 0) return {"bash failed"};
  std::set<std::string> names;
  std::ifstream in(folder / "offered");
  for (std::string name; std::getline(in, name);) {
    if (!name.empty()) names.insert(name);
  }
  return names;
}

TEST(CliCompletion, BashOffersExactlyTheOptionsOfHelp) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "script") << run_graft({"completion", "bash"}).out;
  const std::vector<Words> all = commands();
  ASSERT_GT(all.size(), 25U);
  for (Words words : all) {
    const std::set<std::string> expected = options_in(help_of(words));
    ASSERT_GE(expected.size(), 1U);
    words.emplace_back("-");
    EXPECT_EQ(offered_by_bash(folder.path(), words), expected) << testing::PrintToString(words);
  }
}

TEST(CliCompletion, BashOffersCommandsChoicesNetworksAndFiles) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "script") << run_graft({"completion", "bash"}).out;
  std::ofstream(folder.path() / "two words.jpg") << "x";
  const auto offered = [&](const Words& words) { return offered_by_bash(folder.path(), words); };
  EXPECT_EQ(offered({"pre"}), (std::set<std::string>{"predict", "preview"}));
  EXPECT_EQ(offered({"weights", "pu"}), (std::set<std::string>{"pull"}));
  EXPECT_EQ(offered({"train", "photos", "--recipe", "tu"}), (std::set<std::string>{"tutorial"}));
  EXPECT_EQ(offered({"train", "--recipe", "=", "tu"}), (std::set<std::string>{"tutorial"}));
  EXPECT_EQ(offered({"predict", "mobilenet_v2"}), (std::set<std::string>{"mobilenet_v2"}));
  EXPECT_EQ(offered({"train", "--model", "vgg16"}), (std::set<std::string>{"vgg16", "vgg16_bn"}));
  EXPECT_EQ(offered({"predict", "model", "two"}), (std::set<std::string>{"two words.jpg"}));
  EXPECT_EQ(offered({"train", "--epochs", ""}), std::set<std::string>());
}

TEST(CliCompletion, ZshAndFishHaveEveryOption) {
  const std::string zsh = run_graft({"completion", "zsh"}).out;
  const std::string fish = run_graft({"completion", "fish"}).out;
  for (const Words& words : commands()) {
    std::string path;
    std::string condition = words.empty() ? "__fish_use_subcommand" : "";
    for (const std::string& word : words) {
      path += (path.empty() ? "" : " ") + word;
      condition += (condition.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    }
    const std::size_t begin = zsh.rfind("    '" + path + "')\n");
    ASSERT_NE(begin, std::string::npos) << path;
    const std::string part = zsh.substr(begin, zsh.find("\n      ;;\n", begin) - begin);
    for (const std::string& option : options_in(help_of(words))) {
      EXPECT_NE(part.find("'*" + option + "["), std::string::npos) << path << ' ' << option;
      const bool is_long = option.starts_with("--");
      const std::string name = is_long ? " -l " + option.substr(2) + " " : " -s " + option.substr(1) + " ";
      std::istringstream lines(fish);
      bool found = false;
      for (std::string line; !found && std::getline(lines, line);)
        found = line.starts_with("complete -c graft -n '" + condition + "'") &&
                line.find(name) != std::string::npos;
      EXPECT_TRUE(found) << path << ' ' << option;
    }
  }
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "z") << zsh;
  std::ofstream(folder.path() / "f") << fish;
  for (const auto& [shell, file] : {std::pair{"zsh", "z"}, std::pair{"fish", "f"}}) {
    if (std::system(("command -v " + std::string(shell) + " >/dev/null").c_str()) != 0) {
      std::cout << "not parsed by " << shell << ": it is not installed\n";
      continue;
    }
    EXPECT_EQ(std::system((std::string(shell) + " -n " + (folder.path() / file).string()).c_str()), 0)
        << shell;
  }
}

TEST(CliCompletion, FishItselfOffersCommandsOptionsAndChoices) {
  if (std::system("command -v fish >/dev/null") != 0) GTEST_SKIP() << "fish is not installed";
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "f") << run_graft({"completion", "fish"}).out;
  const auto offered = [&](const std::string& line) {
    const std::string out = (folder.path() / "out").string();
    const std::string command = "HOME=" + folder.path().string() + " fish -c 'source " +
                                (folder.path() / "f").string() + "; complete -C \"" + line + "\"' > " + out;
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::set<std::string> words;
    std::ifstream lines(out);
    for (std::string one; std::getline(lines, one);) words.insert(one.substr(0, one.find('\t')));
    return words;
  };
  EXPECT_EQ(offered("graft pre"), (std::set<std::string>{"predict", "preview"}));
  EXPECT_EQ(offered("graft train --rec"), (std::set<std::string>{"--recipe"}));
  EXPECT_EQ(offered("graft train --recipe tu"), (std::set<std::string>{"tutorial"}));
}

TEST(CliManual, HasEveryOptionOfHelp) {
  for (const Words& words : commands()) {
    Words manual{"manual"};
    manual.insert(manual.end(), words.begin(), words.end());
    const Outcome page = run_graft(manual);
    ASSERT_EQ(page.code, 0) << page.err;
    EXPECT_TRUE(page.out.starts_with(".TH \"GRAFT"));
    for (const std::string& option : options_in(help_of(words))) {
      const std::string name = std::regex_replace(option, std::regex("-"), "\\-");
      const bool found = page.out.find(".TP\n\\fB" + name + "\\fR") != std::string::npos ||
                         page.out.find(".TP\n\\fB" + name + ", ") != std::string::npos ||
                         page.out.find(", " + name + "\\fR") != std::string::npos;
      EXPECT_TRUE(found) << testing::PrintToString(words) << ' ' << option;
    }
  }
}

TEST(CliManual, GroffReadsAllPagesWithoutAWarning) {
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "groff is not installed";
  const TemporaryFolder folder;
  ASSERT_EQ(run_graft({"manual", "--all", "pages"}, folder.path()).code, 0);
  const std::string warnings = (folder.path() / "warnings").string();
  std::size_t pages = 0;
  for (const auto& page : std::filesystem::directory_iterator(folder.path() / "pages")) {
    ++pages;
    const std::string line = "groff -man -ww -z -Tutf8 " + page.path().string() + " 2>>" + warnings;
    EXPECT_EQ(std::system(line.c_str()), 0) << page.path();
  }
  EXPECT_GT(pages, 25U);
  std::ifstream in(warnings);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), "");
}

TEST(CliManual, AnUnknownCommandIsNamed) {
  const Outcome outcome = run_graft({"manual", "predicd"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("predict"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace graft::test

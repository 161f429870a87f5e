// SPDX-License-Identifier: Apache-2.0
// docs/architecture.md against the project: what the page names exists, and what exists is named.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "project_files.hpp"
#include "rules.hpp"

namespace graft::structure {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> result;
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it)
    result.push_back((*it)[1]);
  return result;
}

/// The page without the drawings between lines of ```.
const std::string& page() {
  static const std::string result = [] {
    std::istringstream in(read(project() / "docs" / "architecture.md"));
    std::string text;
    bool drawing = false;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("```")) drawing = !drawing;
      if (!drawing) text += line + "\n";
    }
    return text;
  }();
  return result;
}

/// From the line that begins with `heading` to the next line that begins with `end`.
std::string section(const std::string& heading, const std::string& end) {
  const std::size_t begin = page().find("\n" + heading);
  if (begin == std::string::npos) return {};
  return page().substr(begin + 1, page().find("\n" + end, begin + 1) - begin - 1);
}

/// Everything that the project's own files state, to look names up in.
const std::string& all_sources() {
  static const std::string result = [] {
    std::string text;
    for (const char* folder : {"include", "internal", "src", "cmake", "scripts"}) {
      for (const auto& entry : fs::recursive_directory_iterator(project() / folder)) {
        if (entry.is_regular_file()) text += read(entry.path());
      }
    }
    return text;
  }();
  return result;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// True where the sources have the name as a whole word.
bool is_in_sources(const std::string& name) {
  const std::string& text = all_sources();
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

/// Places where a name with a slash may stand.
bool path_exists(const std::string& name) {
  return std::ranges::any_of(std::vector<fs::path>{"", "src", "src/kernels", "include"},
                             [&](const fs::path& base) { return fs::exists(project() / base / name); });
}

TEST(ArchitecturePage, NamesEveryModuleAndNoOther) {
  std::ifstream in(GRAFT_RULES);
  const std::vector<std::string> table = read_rules(in).modules;
  const std::vector<std::string> named = matches(section("| module |", "\n"), "\n\\| `([a-z_]+)` \\|");
  EXPECT_EQ(std::set<std::string>(named.begin(), named.end()),
            std::set<std::string>(table.begin(), table.end()));
}

TEST(ArchitecturePage, NamesEveryFolderOfTestsAndNoOther) {
  std::set<std::string> folders;
  for (const auto& entry : fs::directory_iterator(project() / "tests")) {
    const std::string name = entry.path().filename().string();
    // Not tests: what tests share, and the numbers that they compare with.
    if (entry.is_directory() && name != "support" && name != "goldens") folders.insert("tests/" + name);
  }
  const std::vector<std::string> named = matches(section("| folder |", "\n"), "\n\\| `([a-z_/]+)` \\|");
  EXPECT_EQ(std::set<std::string>(named.begin(), named.end()), folders);
}

TEST(ArchitecturePage, NamesThePassesThatRun) {
  std::vector<std::string> named;
  for (const std::string& item : matches(section("**Plan**", "Then "), "\n- ((?:`[a-z_0-9]+`(?:, )?)+):")) {
    for (const std::string& name : matches(item, "`([a-z_0-9]+)`")) named.push_back(name);
  }
  EXPECT_GT(named.size(), 10U);
  const std::string table = read(project() / "src" / "plan" / "passes.cpp");
  std::vector<std::string> run = matches(table, R"(\bPass\{"([a-z_0-9]+)\")");
  if (table.empty()) {  // no list of passes: the calls in lower_model()
    run = matches(read(project() / "src" / "plan" / "lower.cpp"),
                  R"(\n +(?:if \([^\n]*\) )?([a-z_0-9]+)\(program\b)");
    std::erase(run, "check_int8");  // looks at options only
  }
  EXPECT_EQ(std::set<std::string>(named.begin(), named.end()), std::set<std::string>(run.begin(), run.end()));
}

/// Every name in backticks: a path exists, an identifier occurs in the sources.
TEST(ArchitecturePage, NamesWhatExists) {
  const std::regex identifier("[A-Za-z_][A-Za-z_0-9]*(::[A-Za-z_0-9]+)*");
  std::size_t seen = 0;
  for (const std::string& name : matches(page(), "`([^`\n]+)`")) {
    if (name.find_first_of("<> ({=+#$") != std::string::npos) continue;  // a placeholder, a formula, code
    if (name.starts_with(".") || name.ends_with(".pc")) {
      const std::string ending = name.substr(name.rfind('.') + 1);
      EXPECT_TRUE(is_in_sources(name) || is_in_sources(ending) || fs::exists(project() / name)) << name;
    } else if (name.find('/') != std::string::npos && name.find("::") == std::string::npos) {
      if (name == "block5_conv1/kernel") continue;  // a weight's path
      EXPECT_TRUE(path_exists(name)) << name << " is no path of the project";
    } else if (std::regex_match(name, identifier)) {
      const std::size_t scope = name.rfind(':');
      const std::string last = scope == std::string::npos ? name : name.substr(scope + 1);
      EXPECT_TRUE(is_in_sources(last) || path_exists(name)) << name << " is not in the sources";
    }
    ++seen;
  }
  EXPECT_GT(seen, 80U) << "the scan found hardly any name: is it looking in the right place?";
}

/// Links to other files of the project.
TEST(ArchitecturePage, LinksLeadSomewhere) {
  for (const std::string& link : matches(page(), R"(\]\(([^)#:]+)[^)]*\))"))
    EXPECT_TRUE(fs::exists(project() / "docs" / link)) << link;
}

}  // namespace
}  // namespace graft::structure

// SPDX-License-Identifier: Apache-2.0
// The project's own files against module_dependencies.txt, and the reader of that table against small
// examples.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "project_files.hpp"
#include "rules.hpp"

namespace graft::structure {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLines = 400;
constexpr std::size_t kMostFunctionLines = 60;  // as readability-function-size in .clang-tidy

const Rules& rules() {
  static const Rules result = [] {
    std::ifstream in(GRAFT_RULES);
    return read_rules(in);
  }();
  return result;
}

/// Sources and headers under these folders of the project, as paths relative to it, in order.
std::vector<fs::path> sources(const std::vector<std::string>& folders) {
  std::vector<fs::path> result;
  for (const std::string& folder : folders) {
    if (!fs::exists(project() / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(project() / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".cpp" || extension == ".hpp" || extension == ".c" || extension == ".h")
        result.push_back(entry.path().lexically_relative(project()));
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

TEST(Structure, EveryIncludeIsAllowed) {
  std::size_t seen = 0;
  for (const fs::path& path : sources({"include", "internal", "src", "examples", "benchmarks"})) {
    for (const Include& include : includes_of(read(project() / path))) {
      const std::string reason = complaint(rules(), path, include);
      EXPECT_EQ(reason, "") << path.string() << " includes " << include.name;
      ++seen;
    }
  }
  EXPECT_GT(seen, 50U) << "the scan found hardly any include: is it looking in the right place?";
}

TEST(Structure, InstalledHeadersIncludeOnlyInstalledHeaders) {
  std::size_t seen = 0;
  for (const fs::path& path : sources({"include"})) {
    for (const Include& include : includes_of(read(project() / path))) {
      EXPECT_NE(include.name, "nlohmann/json.hpp") << path.string() << ": use graft/json_fwd.hpp";
      if (!include.name.starts_with("graft/")) continue;
      EXPECT_TRUE(fs::exists(project() / "include" / include.name))
          << path.string() << " includes " << include.name << ", which is not installed";
      ++seen;
    }
  }
  EXPECT_GT(seen, 50U) << "the scan found hardly any include: is it looking in the right place?";
}

TEST(Structure, InstalledHeadersExportWhatTheyDeclare) {
  for (const fs::path& path : sources({"include"})) {
    const std::string text = read(project() / path);
    if (text.find("\nnamespace graft") == std::string::npos) continue;  // graft.h has GRAFT_API
    EXPECT_NE(text.find("\n#pragma GCC visibility push(default)\n"), std::string::npos) << path.string();
    EXPECT_TRUE(text.ends_with("\n#pragma GCC visibility pop\n")) << path.string();
  }
}

TEST(Structure, EveryModuleHasItsRowAndEveryRowItsModule) {
  for (const fs::path& path : sources({"include", "internal", "src"})) {
    if (path == "include/graft/graft.hpp") continue;  // it includes the others
    const std::string module = module_of(rules(), path);
    EXPECT_TRUE(rules().allowed.contains(module)) << path.string() << ": no row for " << module;
  }
  for (const std::string& module : rules().modules)
    EXPECT_TRUE(fs::exists(project() / "src" / module)) << module;
}

TEST(Structure, EveryRowOfAFolderHasItsFolderAndEveryFolderItsRow) {
  std::set<std::string> with_rows;
  for (const auto& [name, row] : rules().folders) {
    EXPECT_TRUE(fs::is_directory(project() / "src" / name)) << name;
    with_rows.insert(name.substr(0, name.find('/')));
  }
  EXPECT_TRUE(with_rows.contains("transfer"));
  for (const fs::path& path : sources({"src"})) {
    if (!with_rows.contains(module_of(path))) continue;
    EXPECT_TRUE(rules().folders.contains(module_of(path) + "/" + folder_of(path))) << path.string();
  }
}

TEST(Structure, CMakeLinksWhatTheTableAllows) {
  const auto linked = cmake_dependencies(read(project() / "src" / "CMakeLists.txt"));
  EXPECT_TRUE(linked.contains("base"));
  for (const auto& [module, dependencies] : linked) {
    ASSERT_TRUE(rules().allowed.contains(module))
        << "src/CMakeLists.txt adds " << module << ", no row of the table";
    const std::vector<std::string>& row = rules().allowed.at(module);
    const std::set<std::string> allowed(row.begin(), row.end());
    EXPECT_EQ(dependencies, allowed) << "DEPENDS of " << module << " in src/CMakeLists.txt, and its row";
  }
}

TEST(Structure, FilesAreShort) {
  for (const fs::path& path : sources({"include", "internal", "src", "tests", "examples", "benchmarks"})) {
    const std::string text = read(project() / path);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const auto listed = rules().long_files.find(path.generic_string());
    const std::size_t most = listed == rules().long_files.end() ? kMostLines : listed->second.lines;
    EXPECT_LE(lines, most) << path.string() << ": split it, or list it with a reason";
  }
  for (const auto& [path, file] : rules().long_files) {
    EXPECT_TRUE(fs::exists(project() / path))
        << path << " is listed as long (" << file.reason << ") but not there";
  }
}

// clang-tidy checks the same, but only in ./check --full.
TEST(Structure, FunctionsAreShort) {
  std::size_t seen = 0;
  for (const fs::path& path : sources({"include", "internal", "src", "examples", "benchmarks"})) {
    for (const Block& block : blocks_of(read(project() / path))) {
      ++seen;
      EXPECT_LE(block.lines, kMostFunctionLines) << path.string() << ":" << block.first_line << ": split it";
    }
  }
  EXPECT_GT(seen, 1000U) << "the scan found hardly any function: is it looking in the right place?";
}

TEST(Structure, FilesNameTheirLicence) {
  for (const fs::path& path : sources({"include", "internal", "src", "tests", "examples", "benchmarks"})) {
    const std::string text = read(project() / path);
    EXPECT_TRUE(text.starts_with("// SPDX-License-Identifier: Apache-2.0\n")) << path.string();
  }
}

TEST(Structure, ThePreprocessorChoosesNoDevice) {
  for (const fs::path& path : sources({"include", "internal", "src"})) {
    if (!rules().no_conditionals.contains(module_of(rules(), path))) continue;
    EXPECT_EQ(conditionals_in(read(project() / path)), 0U) << path.string();
  }
}

TEST(StructureRules, ReadsRowsAndRefusesUpwardOnes) {
  std::istringstream good(
      "module a:  # lowest\nmodule b: a\nonly src/b/x: lib.h\nlong src/a/t.cpp 900: a table\n");
  const Rules rules = read_rules(good);
  EXPECT_EQ(rules.modules, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rules.long_files.at("src/a/t.cpp").lines, 900U);
  for (const char* bad : {"module a: b\nmodule b:", "module a", "long src/a/t.cpp 900:", "what is: this"}) {
    std::istringstream text(bad);
    EXPECT_THROW((void)read_rules(text), std::runtime_error) << bad;
  }
}

TEST(StructureRules, FindsWhatIsNotAllowed) {
  std::istringstream table(
      "module a:\nmodule b: a\nonly src/b/x: lib/ lib.h\nbelongs include/graft/extend/g.hpp: b\n"
      "belongs include/graft/extend/a.hpp: a\n");
  const Rules rules = read_rules(table);
  const auto refused = [&](const char* path, const std::string& line) {
    const std::vector<Include> found = includes_of(line);
    return found.size() == 1 && !complaint(rules, path, found[0]).empty();
  };
  EXPECT_TRUE(refused("src/a/f.cpp", "#include \"graft/b/g.hpp\""));
  EXPECT_TRUE(refused("src/a/f.cpp", "#include \"graft/extend/g.hpp\""));
  EXPECT_TRUE(refused("include/graft/extend/a.hpp", "#include \"graft/b/g.hpp\""));
  EXPECT_FALSE(refused("src/b/f.cpp", "#include \"graft/extend/a.hpp\""));
  EXPECT_TRUE(refused("include/graft/a/f.hpp", "  #  include <graft/b/g.hpp>  // why not"));
  EXPECT_TRUE(refused("src/b/f.cpp", "#include \"a/private.hpp\""));
  EXPECT_TRUE(refused("src/b/f.cpp", "#include \"../a/private.hpp\""));
  EXPECT_TRUE(refused("src/b/f.cpp", "#include <lib/part.h>"));
  EXPECT_TRUE(refused("src/b/xx.cpp", "#include <lib.h>"));
  EXPECT_FALSE(refused("src/b/x/f.cpp", "#include <lib.h>"));
  EXPECT_FALSE(refused("src/b/f.cpp", "#include \"graft/a/g.hpp\""));
  EXPECT_FALSE(refused("src/b/f.cpp", "#include \"b/private.hpp\""));
  EXPECT_FALSE(refused("src/a/f.cpp", "#include <vector>"));
  EXPECT_FALSE(refused("include/graft/graft.hpp", "#include \"graft/b/g.hpp\""));
  EXPECT_TRUE(includes_of("// #include \"graft/b/g.hpp\"").empty());
  EXPECT_EQ(conditionals_in("#pragma once\n # ifdef X\n#if 1\n#endif\n"), 2U);
}

TEST(StructureRules, MeasuresBlocks) {
  const std::vector<Block> blocks = blocks_of(
      "namespace n {\nint f(int a,\n      int b) {\n  if (a) {\n    ++b;\n  }\n\n  return b;\n}\n}  // "
      "namespace n\n");
  ASSERT_EQ(blocks.size(), 2U);  // of the if, and of the function
  EXPECT_EQ(blocks[0].first_line, 5U);
  EXPECT_EQ(blocks[0].lines, 1U);
  EXPECT_EQ(blocks[1].first_line, 4U);
  EXPECT_EQ(blocks[1].lines, 5U);
}

TEST(StructureRules, FoldersOfAModuleAreOrdered) {
  std::istringstream table("module a:\nmodule a/list:\nmodule a/load: list\n");
  const Rules rules = read_rules(table);
  const auto refused = [&](const char* path, const char* include) {
    return !complaint(rules, path, {.name = include, .quoted = true}).empty();
  };
  EXPECT_FALSE(refused("src/a/load/f.cpp", "a/list/g.hpp"));
  EXPECT_FALSE(refused("src/a/load/f.cpp", "a/load/g.hpp"));
  EXPECT_FALSE(refused("src/a/load/f.cpp", "graft/a/g.hpp"));
  EXPECT_TRUE(refused("src/a/list/f.cpp", "a/load/g.hpp"));
  EXPECT_TRUE(refused("src/a/other/f.cpp", "a/list/g.hpp"));
  for (const char* bad : {"module a/list:", "module a:\nmodule a/list: load\nmodule a/load:"}) {
    std::istringstream text(bad);
    EXPECT_THROW((void)read_rules(text), std::runtime_error) << bad;
  }
}

TEST(StructureRules, ReadsModuleCallsOfCMake) {
  const auto found =
      cmake_dependencies("graft_add_module(a LINKS x::y)\ngraft_add_module(b DEPENDS a\n  c LINKS z)\n");
  EXPECT_EQ(found.at("a"), std::set<std::string>{});
  EXPECT_EQ(found.at("b"), (std::set<std::string>{"a", "c"}));
}

}  // namespace
}  // namespace graft::structure

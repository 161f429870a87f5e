// SPDX-License-Identifier: Apache-2.0
// The table module_dependencies.txt, and what a file of the project may include by it.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace graft::structure {

struct LongFile {
  std::size_t lines = 0;
  std::string reason;
};

struct Rules {
  std::vector<std::string> modules;                         // bottom up
  std::map<std::string, std::vector<std::string>> allowed;  // module -> modules it may include
  std::map<std::string, std::vector<std::string>> folders;  // "module/folder" -> folders of that module
  std::vector<std::pair<std::string, std::vector<std::string>>> only;  // place -> beginnings of header names
  std::map<std::string, std::string> owners;   // header in include/graft/extend -> module
  std::set<std::string> no_conditionals;       // modules
  std::map<std::string, LongFile> long_files;  // path -> what it may have
};

/// Throws std::runtime_error naming the line that is not understood.
[[nodiscard]] Rules read_rules(std::istream& text);

struct Include {
  std::string name;
  bool quoted = false;
};
/// What each #include line of a source file names, comments left out.
[[nodiscard]] std::vector<Include> includes_of(std::string_view source);
/// Lines that begin with #if, #ifdef or #ifndef.
[[nodiscard]] std::size_t conditionals_in(std::string_view source);

/// The body of a function, or of a statement in one.
struct Block {
  std::size_t first_line = 0;  ///< counted from 1
  std::size_t lines = 0;
};
/// Blocks of a source formatted by clang-format that end in a line with only "}", at most 4 columns deep.
/// Classes end in "};" and namespaces in a comment, so they are not among them.
[[nodiscard]] std::vector<Block> blocks_of(std::string_view source);

/// The module that a path (relative to the project) belongs to: "src/ops/op.cpp" and
/// "include/graft/extend/op.hpp" to ops; empty for others, such as the umbrella header
/// include/graft/graft.hpp.
[[nodiscard]] std::string module_of(const std::filesystem::path& path);

/// The same, by the table for headers that stand apart from their module.
[[nodiscard]] std::string module_of(const Rules& rules, const std::filesystem::path& path);
/// The folder of its module that a source belongs to: "src/transfer/list/a.cpp" to "list"; empty for sources
/// directly in the module's folder.
[[nodiscard]] std::string folder_of(const std::filesystem::path& path);

/// Why `path` may not include this; empty when it may.
[[nodiscard]] std::string complaint(const Rules& rules, const std::filesystem::path& path,
                                    const Include& include);

/// DEPENDS of every graft_add_module() call in a CMake file.
[[nodiscard]] std::map<std::string, std::set<std::string>> cmake_dependencies(const std::string& cmake);

}  // namespace graft::structure

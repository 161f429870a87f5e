// SPDX-License-Identifier: Apache-2.0
// The commands as data: what --help, the manual pages and the shells' completion are made from.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace graft::cli {

/// One option or argument of a command.
struct OptionFacts {
  std::vector<std::string> names;    ///< "--output", "-o"; of an argument "PHOTOS"
  std::string value;                 ///< what it expects, "FILE"; empty for a flag
  std::vector<std::string> choices;  ///< all that it accepts, where that is a list of words
  std::string description;           ///< with the default
  std::string group;                 ///< the heading in --help
  bool positional = false;           ///< an argument, without dashes
  bool is_file = false;              ///< expects names of files or folders

  /// Whether it stands alone.
  [[nodiscard]] bool is_flag() const { return value.empty() && !positional; }
};

/// One command, or the program itself.
struct CommandFacts {
  std::string name;  ///< "graft", "graft weights list"
  std::string usage;
  std::string description;
  std::string group;  ///< the heading in the program's --help
  std::string footer;
  std::vector<OptionFacts> options;    ///< arguments too; in the order of --help, --help itself last
  std::vector<CommandFacts> commands;  ///< below it
};

/// What a parser's commands are. name: of the program.
[[nodiscard]] CommandFacts command_facts(const CLI::App& app, const std::string& name);

/// Every command of the tree, the program first, each before those below it. Valid as long as `program`.
[[nodiscard]] std::vector<const CommandFacts*> all_commands(const CommandFacts& program);

}  // namespace graft::cli

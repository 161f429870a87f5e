// SPDX-License-Identifier: Apache-2.0
// graft manual [COMMAND]
#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/version.hpp"

#include "cli/command.hpp"
#include "cli/command_facts.hpp"
#include "cli/exit_code.hpp"

namespace graft::cli {
namespace {

struct EnvironmentVariable {
  const char* name;
  const char* meaning;
};

constexpr std::array kEnvironment{
    EnvironmentVariable{"GRAFT_HOME",
                        "Folder of the store of pretrained weights; else graft below XDG_DATA_HOME or "
                        "~/.local/share."},
    EnvironmentVariable{"GRAFT_WEIGHTS", "Folder of weights that is searched first."},
    EnvironmentVariable{"GRAFT_WEIGHTS_PATH",
                        "Shared, read-only stores or folders of weights, separated by colons."},
    EnvironmentVariable{"GRAFT_WEIGHTS_MIRROR",
                        "Addresses or folders, separated by spaces, that are asked before the publisher."},
    EnvironmentVariable{"GRAFT_CATALOGUE", "Catalogues of weights of your own, separated by colons."},
    EnvironmentVariable{"GRAFT_OFFLINE, HF_HUB_OFFLINE", "Set to 1: the network is never asked."},
    EnvironmentVariable{"GRAFT_DOWNLOAD",
                        "Set to 1: weights that are missing are downloaded without being asked for by name."},
    EnvironmentVariable{"GRAFT_CACHE",
                        "Folder of the cache of features; else graft below XDG_CACHE_HOME or ~/.cache."},
    EnvironmentVariable{"GRAFT_PRECISION",
                        "What --precision is in training where it is not given; else auto."},
    EnvironmentVariable{"http_proxy, https_proxy, no_proxy", "Proxies of downloads."}};

/// Text for troff: no character of it begins a request or an escape.
std::string roff(const std::string& text) {
  std::string result;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
    line_begins = c == '\n';
  }
  return result;
}

/// An argument in quotes of a request.
std::string roff_quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : roff(text)) result += c == '"' ? std::string("\\(dq") : std::string(1, c);
  return result + "\"";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string entry_of(const OptionFacts& option) {
  std::string head = "\\fB" + roff(joined(option.names)) + "\\fR";
  if (!option.value.empty()) head += " \\fI" + roff(option.value) + "\\fR";
  return cat(".TP\n", head, '\n', roff(option.description), '\n');
}

/// Lines of a paragraph; those that are indented, or follow a heading such as "Examples:", as they are.
std::string paragraph(const std::string& text) {
  const std::size_t colon = text.find(":\n");
  const std::size_t end = text.find('\n');
  if (colon == std::string::npos || colon + 1 != end) return cat(".PP\n", roff(text), '\n');
  const std::string heading = text.substr(0, colon);
  std::string upper = heading;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return cat(".SH ", roff_quoted(upper), "\n.nf\n", roff(text.substr(end + 1)), "\n.fi\n");
}

std::string footer_of(const CommandFacts& command) {
  std::string text;
  std::string rest;
  bool notes = false;
  for (std::size_t begin = 0; begin < command.footer.size();) {
    const std::size_t end = std::min(command.footer.find("\n\n", begin), command.footer.size());
    std::string part = command.footer.substr(begin, end - begin);
    while (part.ends_with('\n')) part.pop_back();
    begin = end + 2;
    if (part.empty()) continue;
    const std::string written = paragraph(part);
    if (written.starts_with(".SH")) {
      rest += written;
      continue;
    }
    if (!notes) text += ".SH NOTES\n";
    notes = true;
    text += written;
  }
  return text + rest;
}

std::string options_section(const CommandFacts& command) {
  std::string arguments;
  std::string options;
  std::string group;
  for (const OptionFacts& option : command.options) {
    if (option.positional) {
      arguments += entry_of(option);
      continue;
    }
    if (option.group != group && option.group != "Options")
      options += cat(".SS ", roff_quoted(option.group), '\n');
    group = option.group;
    options += entry_of(option);
  }
  return (arguments.empty() ? "" : ".SH ARGUMENTS\n" + arguments) + ".SH OPTIONS\n" + options;
}

std::string commands_section(const CommandFacts& command) {
  if (command.commands.empty()) return {};
  std::string text = ".SH COMMANDS\n";
  std::string group;
  for (const CommandFacts& below : command.commands) {
    if (below.group != group && below.group != "Subcommands")
      text += cat(".SS ", roff_quoted(below.group), '\n');
    group = below.group;
    const std::string name = below.name.substr(below.name.rfind(' ') + 1);
    text += cat(".TP\n.B ", roff(name), '\n', roff(below.description), '\n');
  }
  return text;
}

std::string environment_section() {
  std::string text = ".SH ENVIRONMENT\n";
  for (const EnvironmentVariable& one : kEnvironment)
    text += cat(".TP\n.B ", roff_quoted(one.name), '\n', roff(one.meaning), '\n');
  return text;
}

/// "graft-weights-list": the page's name.
std::string page_name(const CommandFacts& command) {
  std::string name = command.name;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string manual_page(const CommandFacts& command) {
  const std::string name = page_name(command);
  std::string title = name;
  std::ranges::transform(title, title.begin(), [](unsigned char c) { return std::toupper(c); });
  const bool whole = command.name == "graft";
  const std::string in_a_line = whole ? "train image classifiers by transfer learning" : command.description;
  return cat(".TH ", roff_quoted(title), " 1 \"\" ", roff_quoted(cat("graft ", version())),
             " \"User commands\"\n.SH NAME\n", roff(name), " \\- ", roff(in_a_line), "\n.SH SYNOPSIS\n.B ",
             roff_quoted(command.usage), "\n.SH DESCRIPTION\n", roff(command.description), '\n',
             commands_section(command), options_section(command), footer_of(command),
             whole ? environment_section() : std::string(), ".SH SEE ALSO\n",
             whole ? "\\fBgraft\\-train\\fR(1) and so on: each command has a page.\n" : ".BR graft (1)\n");
}

struct ManualArguments {
  std::vector<std::string> command;
  std::string folder;
};

int write_all(const CommandFacts& program, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const CommandFacts* command : all_commands(program))
    write_file_atomically(folder / (page_name(*command) + ".1"), manual_page(*command));
  return kOk;
}

int manual(const CLI::App& app, const ManualArguments& given) {
  const CommandFacts program = command_facts(app, "graft");
  if (!given.folder.empty() && !given.command.empty())
    fail(ErrorKind::invalid_argument, "--all: has no effect with a command; leave one of them out");
  if (!given.folder.empty()) return write_all(program, given.folder);
  std::string name = "graft";
  for (const std::string& word : given.command) name += " " + word;
  std::vector<std::string> names;
  for (const CommandFacts* command : all_commands(program)) {
    names.push_back(command->name);
    if (command->name != name) continue;
    std::cout << manual_page(*command);
    return kOk;
  }
  fail(ErrorKind::not_found, "there is no command '", name, "'",
       similar_text(name, names, "; see graft --help"));
}

}  // namespace

void add_manual(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("manual", "Print the manual page of a command");
  auto given = std::make_shared<ManualArguments>();
  command->add_option("COMMAND", given->command,
                      "a command, such as train or weights list; default: graft itself");
  command->add_option("--all", given->folder, "write the pages of all commands to this folder")
      ->type_name("FOLDER");
  command->footer(
      "The pages are made from the same text as --help. An installed graft has them already: man "
      "graft-train.\n\n"
      "Examples:\n"
      "  graft manual train | man -l -\n"
      "  graft manual --all ~/.local/share/man/man1");
  command->callback([&app, given, &run] { run = [&app, given] { return manual(app, *given); }; });
}

}  // namespace graft::cli

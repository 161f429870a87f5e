// SPDX-License-Identifier: Apache-2.0
// graft completion SHELL
#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/applications.hpp"
#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"

#include "cli/command.hpp"
#include "cli/command_facts.hpp"
#include "cli/exit_code.hpp"

namespace graft::cli {
namespace {

std::string words_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// The last word of "graft weights list".
std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }

/// Without the program: "weights list".
std::string path_of(const CommandFacts& command) {
  const std::size_t space = command.name.find(' ');
  return space == std::string::npos ? std::string() : command.name.substr(space + 1);
}

std::vector<std::string> option_names(const CommandFacts& command) {
  std::vector<std::string> names;
  for (const OptionFacts& option : command.options) {
    if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> command_names(const CommandFacts& command) {
  std::vector<std::string> names;
  for (const CommandFacts& below : command.commands) names.push_back(last_word(below.name));
  return names;
}

/// Whether names of networks fit: --model, and the argument MODEL.
bool takes_network(const OptionFacts& option) {
  const std::string& name = option.names.back();
  return name == "MODEL" || name == "MODELS" || name == "--model";
}

bool takes_network(const CommandFacts& command) {
  return std::ranges::any_of(
      command.options, [](const OptionFacts& option) { return option.positional && takes_network(option); });
}

std::string networks() { return words_of(applications::network_names()); }

/// In single quotes of a POSIX shell.
std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// The first clause of a description: what fits beside an option.
std::string in_short(const std::string& text) {
  constexpr std::size_t kMost = 70;
  std::string result = text.substr(0, std::min(text.find(';'), text.find('\n')));
  if (result.size() <= kMost) return result;
  return result.substr(0, result.rfind(' ', kMost - 3)) + "...";
}

// ---- bash ----

/// "--recipe) words='auto head' ;;" for each option with a value.
std::string bash_values(const CommandFacts& command) {
  std::string text;
  for (const OptionFacts& option : command.options) {
    if (option.positional || option.is_flag()) continue;
    std::string names;
    for (const std::string& name : option.names) names += (names.empty() ? "" : "|") + name;
    std::string what = "kind=text";
    if (!option.choices.empty()) what = "kind=words words=" + in_quotes(words_of(option.choices));
    if (option.is_file) what = "kind=files";
    if (takes_network(option)) what = "kind=files words=$networks";
    text += cat("        ", names, ") ", what, " ;;\n");
  }
  return text;
}

std::string bash_case(const CommandFacts& command) {
  std::string words = words_of(command_names(command));
  std::string kind = command.commands.empty() ? "files" : "words";
  if (takes_network(command)) words = "$networks";
  const std::string values = bash_values(command);
  return cat("    ", in_quotes(path_of(command)), ")\n      kind=", kind,
             " words=", takes_network(command) ? words : in_quotes(words),
             "\n      options=", in_quotes(words_of(option_names(command))), "\n",
             values.empty() ? "" : cat("      case $previous in\n", values, "      esac\n"), "      ;;\n");
}

std::string bash_script(const CommandFacts& program) {
  std::string parents;
  for (const CommandFacts& command : program.commands) {
    if (!command.commands.empty()) parents += (parents.empty() ? "" : "|") + path_of(command);
  }
  std::string text = cat(R"(# bash completion of graft, printed by: graft completion bash
_graft() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  # --option=value is three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
  local command= kind=files words= options=
  local networks=)",
                         in_quotes(networks()), R"(
  ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
  case $command in
    )",
                         parents, R"() ((COMP_CWORD > 2)) && command+=" ${COMP_WORDS[2]}" ;;
  esac
  case $command in
)");
  for (const CommandFacts* command : all_commands(program)) text += bash_case(*command);
  text += R"(  esac
  [[ $current == -* ]] && kind=words words=$options
  local names
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ $kind == files ]]; then
    mapfile -t names < <(compgen -f -- "$current")
    COMPREPLY+=("${names[@]}")
    compopt -o filenames 2>/dev/null
  fi
  return 0
}
complete -F _graft graft
)";
  return text;
}

// ---- zsh ----

/// Text within [...] or after : of an _arguments specification.
std::string zsh_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_action(const OptionFacts& option) {
  if (takes_network(option)) return "_graft_networks";
  if (!option.choices.empty()) return "(" + words_of(option.choices) + ")";
  return option.is_file ? "_files" : " ";
}

std::string zsh_arguments(const CommandFacts& command) {
  std::string text;
  for (const OptionFacts& option : command.options) {
    if (option.positional) continue;
    for (const std::string& name : option.names) {
      std::string one = cat("*", name, "[", zsh_text(in_short(option.description)), "]");
      if (!option.is_flag()) one += cat(":", zsh_text(option.value), ":", zsh_action(option));
      text += " \\\n        " + in_quotes(one);
    }
  }
  return text;
}

std::string zsh_commands(const CommandFacts& command) {
  std::string text;
  for (const CommandFacts& below : command.commands)
    text += cat("\n    ", in_quotes(zsh_text(last_word(below.name)) + ":" + in_short(below.description)));
  return text;
}

std::string zsh_script(const CommandFacts& program) {
  std::string text = cat(R"(#compdef graft
# zsh completion of graft, printed by: graft completion zsh
_graft_networks() {
  compadd -- )",
                         networks(), R"(
  _files
}
_graft() {
  local command=
  local -a commands
  ((CURRENT > 2)) && command=$words[2]
  case $command in
)");
  for (const CommandFacts& command : program.commands) {
    if (!command.commands.empty())
      text += cat("    ", path_of(command), ") ((CURRENT > 3)) && command+=\" $words[3]\" ;;\n");
  }
  text += "  esac\n  case $command in\n";
  for (const CommandFacts* command : all_commands(program)) {
    text += cat("    ", in_quotes(path_of(*command)), ")\n");
    if (!command->commands.empty()) {
      text += cat("      commands=(", zsh_commands(*command),
                  ")\n      [[ $PREFIX == -* ]] || _describe command commands\n");
    }
    const bool last = command->commands.empty();
    text += cat(
        "      _arguments -S", zsh_arguments(*command),
        last ? cat(" \\\n        ", takes_network(*command) ? "'*:file:_graft_networks'" : "'*:file:_files'")
             : "",
        "\n      ;;\n");
  }
  return text + "  esac\n}\n_graft \"$@\"\n";
}

// ---- fish ----

std::string fish_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

/// The condition under which a command's options are offered.
std::string fish_condition(const CommandFacts& command) {
  std::string path = path_of(command);
  if (path.empty()) return "__fish_use_subcommand";
  const std::size_t space = path.find(' ');
  if (space == std::string::npos) return "__fish_seen_subcommand_from " + path;
  return cat("__fish_seen_subcommand_from ", path.substr(0, space), "; and __fish_seen_subcommand_from ",
             path.substr(space + 1));
}

std::string fish_option(const OptionFacts& option, const std::string& begin) {
  std::string text = begin;
  for (const std::string& name : option.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.is_flag()) text += option.is_file ? " -r -F" : " -x";
  if (!option.choices.empty()) text += " -a " + fish_quoted(words_of(option.choices));
  if (takes_network(option)) text += " -a " + fish_quoted(networks());
  return cat(text, " -d ", fish_quoted(in_short(option.description)), '\n');
}

std::string fish_script(const CommandFacts& program) {
  std::string text = "# fish completion of graft, printed by: graft completion fish\n";
  for (const CommandFacts* command : all_commands(program)) {
    const std::string begin = cat("complete -c graft -n ", fish_quoted(fish_condition(*command)));
    for (const CommandFacts& below : command->commands) {
      const std::string once =
          path_of(*command).empty()
              ? begin
              : cat("complete -c graft -n ",
                    fish_quoted(cat(fish_condition(*command), "; and not __fish_seen_subcommand_from ",
                                    words_of(command_names(*command)))));
      text +=
          cat(once, " -f -a ", last_word(below.name), " -d ", fish_quoted(in_short(below.description)), '\n');
    }
    if (takes_network(*command)) text += cat(begin, " -a ", fish_quoted(networks()), '\n');
    for (const OptionFacts& option : command->options) {
      if (!option.positional) text += fish_option(option, begin);
    }
  }
  return text;
}

struct CompletionArguments {
  std::string shell;
  std::string folder;
};

int completion(const CLI::App& app, const CompletionArguments& given) {
  const CommandFacts program = command_facts(app, "graft");
  if (given.shell.empty() == given.folder.empty())
    fail(ErrorKind::invalid_argument, "expected a SHELL (bash, zsh or fish), or --all FOLDER");
  if (given.shell == "bash") std::cout << bash_script(program);
  if (given.shell == "zsh") std::cout << zsh_script(program);
  if (given.shell == "fish") std::cout << fish_script(program);
  if (given.folder.empty()) return kOk;
  const auto write = [&](const std::filesystem::path& name, const std::string& text) {
    const std::filesystem::path file = given.folder / name;
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    write_file_atomically(file, text);
  };
  write("bash-completion/completions/graft", bash_script(program));
  write("zsh/site-functions/_graft", zsh_script(program));
  write("fish/vendor_completions.d/graft.fish", fish_script(program));
  return kOk;
}

}  // namespace

void add_completion(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("completion", "Print the completion of commands and options for a shell");
  auto given = std::make_shared<CompletionArguments>();
  command->add_option("SHELL", given->shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command
      ->add_option("--all", given->folder,
                   "write the files of all shells below this folder, as they stand below /usr/share")
      ->type_name("FOLDER");
  command->footer(
      "An installed graft has these files already, where each shell looks for them.\n\n"
      "Examples:\n"
      "  graft completion bash > ~/.local/share/bash-completion/completions/graft\n"
      "  graft completion zsh > ~/.zfunc/_graft        where fpath has ~/.zfunc\n"
      "  graft completion fish > ~/.config/fish/completions/graft.fish");
  command->callback([&app, given, &run] { run = [&app, given] { return completion(app, *given); }; });
}

}  // namespace graft::cli

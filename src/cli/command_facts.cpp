// SPDX-License-Identifier: Apache-2.0
#include "cli/command_facts.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "cli/help_formatter.hpp"

namespace graft::cli {
namespace {

/// The words of "auto|head|tutorial"; none for anything else.
std::vector<std::string> choices_in(const std::string& value) {
  std::vector<std::string> words;
  if (value.find('|') == std::string::npos) return words;
  std::istringstream text(value);
  for (std::string word; std::getline(text, word, '|');) words.push_back(word);
  const bool are_words = std::ranges::none_of(words, [](const std::string& word) {
    return word.empty() || word.find_first_of(" =<>[]") != std::string::npos ||
           std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
  });
  return are_words ? words : std::vector<std::string>();
}

bool expects_file(const std::string& value) {
  constexpr std::array<std::string_view, 18> kFiles{
      "FILE",  "FOLDER", "DIR",   "N|DIR",  "PATH", "PATHS", "NEW", "MODEL", "MODELS",
      "PHOTO", "PHOTOS", "IMAGE", "IMAGES", "RUN",  "RUNS",  "OUT", "QUERY", "PROJECT"};
  return std::ranges::find(kFiles, value) != kFiles.end();
}

OptionFacts facts_of(const CLI::Option& option, const std::string& description) {
  OptionFacts facts{.description = description, .group = option.get_group()};
  facts.positional = option.get_positional();
  if (facts.positional) {
    facts.names = {option.get_name(true, false)};
    facts.is_file = expects_file(facts.names.front());
    return facts;
  }
  for (const std::string& name : option.get_snames()) facts.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) facts.names.push_back("--" + name);
  facts.value = value_text(option);
  facts.choices = choices_in(facts.value);
  facts.is_file = expects_file(facts.value);
  return facts;
}

}  // namespace

CommandFacts command_facts(const CLI::App& app, const std::string& name) {
  CommandFacts facts{.name = name,
                     .usage = usage_of(app, name),
                     .description = app.get_description(),
                     .group = app.get_group(),
                     .footer = app.get_footer(),
                     .options = {},
                     .commands = {}};
  const CLI::Option* help = app.get_help_ptr();
  for (const CLI::Option* option : app.get_options()) {
    if (option != help) facts.options.push_back(facts_of(*option, description_of(*option)));
  }
  if (help != nullptr) facts.options.push_back(facts_of(*help, "print this help"));
  for (const CLI::App* command : app.get_subcommands({}))
    facts.commands.push_back(command_facts(*command, name + " " + command->get_name()));
  return facts;
}

std::vector<const CommandFacts*> all_commands(const CommandFacts& program) {
  std::vector<const CommandFacts*> all{&program};
  for (const CommandFacts& command : program.commands) {
    const std::vector<const CommandFacts*> below = all_commands(command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/help_formatter.hpp"

#include <algorithm>
#include <optional>

#include "graft/base/fail.hpp"

#include "cli/output.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kDescriptionColumn = 26;
constexpr std::size_t kLeastDescription = 30;  // narrower ones begin on a new line

std::size_t help_width() { return static_cast<std::size_t>(std::clamp(console_width(), 40, 100)); }

/// One entry of a list: what to type, and what it means.
std::string entry(const std::string& head, const std::string& description) {
  const std::size_t width = help_width();
  const std::size_t column = width >= kDescriptionColumn + kLeastDescription ? kDescriptionColumn : 6;
  std::string text = "  " + head;
  if (text.size() + 2 > column) {
    text += '\n';
    text.append(column, ' ');
  } else {
    text.resize(column, ' ');
  }
  return wrapped(text + description, width, column) + '\n';
}

std::string options_of(const CLI::App& app) {
  std::vector<std::string> groups;
  const CLI::Option* help = app.get_help_ptr();
  for (const CLI::Option* option : app.get_options()) {
    const std::string& group = option->get_group();
    if (option->get_positional() || option == help || std::ranges::find(groups, group) != groups.end())
      continue;
    groups.push_back(group);
  }
  if (groups.empty()) groups.push_back(help->get_group());
  std::string text;
  for (const std::string& group : groups) {
    text += cat('\n', group, ":\n");
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional() || option == help || option->get_group() != group) continue;
      text += entry(head_of(*option), description_of(*option));
    }
    if (help->get_group() == group) text += entry(head_of(*help), "print this help");
  }
  return text;
}

std::string arguments_of(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) text += entry(head_of(*option), option->get_description());
  }
  return text.empty() ? text : "\nArguments:\n" + text;
}

std::string commands_of(const CLI::App& app) {
  std::string text;
  std::string group;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_group() != group) text += cat('\n', command->get_group(), ":\n");
    group = command->get_group();
    text += entry(command->get_name(), command->get_description());
  }
  return text;
}

/// The line from `begin` on, without its end.
std::string_view line_at(std::string_view text, std::size_t begin) {
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

namespace {

/// Where a line that is too long is broken: what stays before the break, and where the rest begins.
struct Break {
  std::size_t end = 0;
  std::size_t next = 0;
};

/// The last break that keeps the line within `most` columns, else the first one: at spaces, which are left
/// out, and in a long word after a |. least: columns of the indentation. Nothing where it cannot be broken.
std::optional<Break> break_of(std::string_view line, std::size_t most, std::size_t least) {
  std::size_t space = line.rfind(' ', most);
  if (space == std::string_view::npos || space <= least) {
    const std::size_t bar = line.substr(0, most).rfind('|');
    if (bar != std::string_view::npos && bar > least) return Break{bar + 1, bar + 1};
    space = line.find(' ', least + 1);
  }
  if (space == std::string_view::npos) return std::nullopt;
  const std::size_t end = line.find_last_not_of(' ', space) + 1;
  const std::size_t next = line.find_first_not_of(' ', space);
  return Break{end, next == std::string_view::npos ? line.size() : next};
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string result;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::string_view line = line_at(text, begin);
    begin += line.size() + 1;
    std::size_t used = 0;  // columns that continued lines begin with
    while (used + line.size() > width) {
      const std::size_t least = used == 0 ? std::min(line.find_first_not_of(' '), line.size()) : 0;
      const std::optional<Break> at = break_of(line, width > used ? width - used : 0, least);
      if (!at) break;
      result.append(line.substr(0, at->end));
      line.remove_prefix(at->next);
      if (line.empty()) break;
      result.append("\n").append(indent, ' ');
      used = indent;
    }
    result.append(line);
    if (begin <= text.size()) result += '\n';
  }
  return result;
}

std::string value_text(const CLI::Option& option) {
  // After a colon the type name lists what the checks allow.
  const std::string type = option.get_type_name();
  return option.get_type_size() != 0 ? type.substr(0, type.find(':')) : std::string();
}

std::string head_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true, false);
  const std::string values = value_text(option);
  return option.get_name(false, true) + (values.empty() ? "" : " " + values);
}

std::string description_of(const CLI::Option& option) {
  const std::string value = option.get_default_str();
  return option.get_description() + (value.empty() ? "" : cat(" (default: ", value, ")"));
}

std::string usage_of(const CLI::App& app, const std::string& name) {
  std::string text = name;
  if (!app.get_subcommands({}).empty()) text += " COMMAND";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    text += " " + option->get_name(true, false);
    if (option->get_expected_max() > 1) text += "...";
  }
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional() && option->get_required() && !option->get_snames().empty())
      text += " -" + option->get_snames().front() + " " + option->get_type_name();
  }
  return text + " [OPTIONS]";
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode /*mode*/) const {
  const std::size_t width = help_width();
  std::string text = wrapped(app->get_description(), width, 0) + "\n\n";
  text += wrapped("Usage: " + usage_of(*app, name) + "\n", width, 2);
  text += arguments_of(*app) + commands_of(*app) + options_of(*app);
  if (!app->get_footer().empty()) text += '\n' + wrapped(app->get_footer(), width, 0) + '\n';
  return text;
}

}  // namespace graft::cli

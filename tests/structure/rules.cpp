// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include <algorithm>
#include <istream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace graft::structure {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

/// Calls use(line) for each line of text, without its leading blanks and what follows "//".
template <typename Use>
void for_each_line(std::string_view text, const Use& use) {
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    line.erase(std::min(line.find("//"), line.size()));
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    use(line);
  }
}

bool begins_with_any(const std::string& name, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const auto& b) { return name.starts_with(b); });
}

/// True for the place itself and for what is below it.
bool is_in(const std::string& path, const std::string& place) {
  return path == place || path.starts_with(place + "/");
}

/// A row about a folder of a module.
void add_folder(Rules& rules, const std::string& name, const std::vector<std::string>& row) {
  const std::string module = name.substr(0, name.find('/'));
  if (!rules.allowed.contains(module)) throw std::runtime_error(name + ": no row above for " + module);
  for (const std::string& other : row) {
    if (!rules.folders.contains(module + "/" + other))
      throw std::runtime_error(name + " names " + other + ", no row above it");
  }
  rules.folders[name] = row;
}

/// Why a file may not include this header of its own module; empty when it may.
std::string folder_complaint(const Rules& rules, const std::filesystem::path& path,
                             const std::string& include) {
  const std::string module = module_of(path);
  const auto row_of = [&](const std::string& folder) { return rules.folders.find(module + "/" + folder); };
  const bool has_rows = std::ranges::any_of(
      rules.folders, [&](const auto& row) { return row.first.starts_with(module + "/"); });
  const std::string own = folder_of(path);
  const std::string other = folder_of("src/" + include);
  if (!has_rows || own.empty() || other.empty() || own == other) return {};
  if (row_of(own) == rules.folders.end()) return "no row for " + module + "/" + own;
  if (std::ranges::find(row_of(own)->second, other) != row_of(own)->second.end()) return {};
  return module + "/" + own + " may not know " + module + "/" + other;
}

void add_rule(Rules& rules, const std::vector<std::string>& head, const std::string& rest) {
  if (head.size() == 2 && head[0] == "module" && head[1].find('/') != std::string::npos) {
    add_folder(rules, head[1], words(rest));
  } else if (head.size() == 2 && head[0] == "module") {
    for (const std::string& name : words(rest)) {
      if (!rules.allowed.contains(name))
        throw std::runtime_error(head[1] + " names " + name + ", no row above it");
    }
    rules.modules.push_back(head[1]);
    rules.allowed[head[1]] = words(rest);
  } else if (head.size() == 2 && head[0] == "only") {
    rules.only.emplace_back(head[1], words(rest));
  } else if (head.size() == 2 && head[0] == "belongs" && words(rest).size() == 1) {
    rules.owners[head[1]] = words(rest).front();
  } else if (head.size() == 1 && head[0] == "no_conditionals") {
    for (const std::string& name : words(rest)) rules.no_conditionals.insert(name);
  } else if (head.size() == 3 && head[0] == "long" && !words(rest).empty()) {
    rules.long_files[head[1]] = {.lines = std::stoul(head[2]), .reason = rest};
  } else {
    throw std::runtime_error("not understood");
  }
}

}  // namespace

Rules read_rules(std::istream& text) {
  Rules rules;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    line.erase(std::min(line.find('#'), line.size()));
    if (words(line).empty()) continue;
    try {
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) throw std::runtime_error("no colon");
      add_rule(rules, words(line.substr(0, colon)), line.substr(colon + 1));
    } catch (const std::exception& error) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + error.what());
    }
  }
  return rules;
}

std::vector<Include> includes_of(std::string_view source) {
  static const std::regex pattern(R"rx(^#\s*include\s*([<"])([^>"]*)[>"])rx");
  std::vector<Include> result;
  for_each_line(source, [&](const std::string& line) {
    std::smatch match;
    if (std::regex_search(line, match, pattern))
      result.push_back({.name = match[2], .quoted = match[1] == "\""});
  });
  return result;
}

std::size_t conditionals_in(std::string_view source) {
  static const std::regex pattern(R"(^#\s*if)");
  std::size_t count = 0;
  for_each_line(source, [&](const std::string& line) { count += std::regex_search(line, pattern) ? 1 : 0; });
  return count;
}

std::vector<Block> blocks_of(std::string_view source) {
  constexpr std::size_t kDeepest = 4;
  std::vector<std::string> lines;
  std::istringstream in{std::string(source)};
  for (std::string line; std::getline(in, line);) lines.push_back(line.substr(0, line.find("  //")));
  const auto depth = [&](std::size_t i) { return lines[i].find_first_not_of(' '); };  // npos: an empty line
  std::vector<Block> result;
  for (std::size_t end = 0; end < lines.size(); ++end) {
    const std::size_t own = depth(end);
    if (own == std::string::npos || own > kDeepest || lines[end].substr(own) != "}") continue;
    // Back to the declaration, then on to the line that opens the block.
    std::size_t begin = end;
    while (begin > 0 && (depth(begin - 1) > own || lines[begin - 1].starts_with("#"))) --begin;
    if (begin > 0) --begin;
    while (begin < end && !lines[begin].ends_with("{")) ++begin;
    if (begin == end) continue;  // of a short namespace, written in one line or without a function
    result.push_back({.first_line = begin + 2, .lines = end - begin - 1});
  }
  return result;
}

std::string module_of(const std::filesystem::path& path) {
  const std::vector<std::filesystem::path> parts(path.begin(), path.end());
  if (parts.size() >= 3 && parts[0] == "src") return parts[1].string();
  if (parts.size() >= 4 && (parts[0] == "include" || parts[0] == "internal") && parts[1] == "graft")
    return parts[2].string();
  return {};
}

std::string module_of(const Rules& rules, const std::filesystem::path& path) {
  const auto owner = rules.owners.find(path.generic_string());
  return owner == rules.owners.end() ? module_of(path) : owner->second;
}

std::string folder_of(const std::filesystem::path& path) {
  const std::vector<std::filesystem::path> parts(path.begin(), path.end());
  return parts.size() >= 4 && parts[0] == "src" ? parts[2].string() : std::string();
}

std::string complaint(const Rules& rules, const std::filesystem::path& path, const Include& include) {
  for (const auto& [place, beginnings] : rules.only) {
    if (begins_with_any(include.name, beginnings) && !is_in(path.generic_string(), place)) {
      return "only " + place + " may include it";
    }
  }
  const std::string own = module_of(rules, path);
  if (own.empty() || !rules.allowed.contains(own)) return {};
  if (include.name.find("..") != std::string::npos)
    return "includes are written from include/ or src/, without ..";

  static const std::regex by_module(R"(^(graft/)?([a-z_0-9]+)/.*)");
  std::smatch match;
  const auto owner = rules.owners.find("include/" + include.name);
  if (owner == rules.owners.end() && !std::regex_match(include.name, match, by_module)) return {};
  const std::string other = owner == rules.owners.end() ? match[2].str() : owner->second;
  const bool is_public = include.name.starts_with("graft/");
  if (other == own && !is_public) return folder_complaint(rules, path, include.name);
  if (other == own || !rules.allowed.contains(other)) return {};
  if (!is_public && !include.quoted) return {};
  if (!is_public) return "private header of " + other + ": only that module may include it";
  const std::vector<std::string>& allowed = rules.allowed.at(own);
  if (std::find(allowed.begin(), allowed.end(), other) != allowed.end()) return {};
  return own + " may not know " + other;
}

std::map<std::string, std::set<std::string>> cmake_dependencies(const std::string& cmake) {
  static const std::regex call(R"(graft_add_module\s*\(([^)]*)\))");
  std::map<std::string, std::set<std::string>> result;
  for (std::sregex_iterator it(cmake.begin(), cmake.end(), call), end; it != end; ++it) {
    const std::vector<std::string> arguments = words((*it)[1]);
    if (arguments.empty()) continue;
    std::set<std::string>& dependencies = result[arguments[0]];
    bool listing = false;
    for (const std::string& argument : arguments) {
      if (argument == "DEPENDS" || argument == "LINKS") {
        listing = argument == "DEPENDS";
      } else if (listing) {
        dependencies.insert(argument);
      }
    }
  }
  return result;
}

}  // namespace graft::structure

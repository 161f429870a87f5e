// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <regex>

#include "graft/base/fail.hpp"

#include "transfer/load/photo_pool.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

// Longer paths would let the regular expression's backtracking run deep.
constexpr std::size_t kLongestPath = 1024;

std::regex compile(const std::string& text) {
  try {
    return std::regex(text);
  } catch (const std::regex_error& error) {
    fail_option(ErrorKind::invalid_argument, "group_by", "group_by: '", text,
                "' is neither parent-folder nor prefix nor a regular expression: ", error.what());
  }
}

/// The name of a photo's group; empty where it has no group.
std::string regex_group(const std::string& path, const std::regex& pattern) {
  std::smatch match;
  try {
    if (path.size() > kLongestPath || !std::regex_search(path, match, pattern)) return {};
  } catch (const std::regex_error& error) {
    fail_option(ErrorKind::invalid_argument, "group_by", "group_by: the regular expression is too costly on ",
                path, ": ", error.what());
  }
  return match.size() > 1 && match[1].matched ? match[1].str() : match[0].str();
}

/// The name before its last _ or -, with the folder: IMG_12_a.jpg and IMG_12_b.jpg of one folder.
std::string prefix_group(const fs::path& below) {
  const std::string stem = below.stem().string();
  const std::size_t cut = stem.find_last_of("_-");
  if (cut == std::string::npos || cut == 0) return {};
  return (below.parent_path() / stem.substr(0, cut)).string();
}

}  // namespace

std::vector<std::size_t> group_paths(const std::vector<fs::path>& paths, const fs::path& folder,
                                     const std::string& group_by) {
  const bool by_folder = group_by == "parent-folder";
  const bool by_prefix = group_by == "prefix";
  const std::regex pattern = by_folder || by_prefix ? std::regex() : compile(group_by);
  std::map<std::string, std::size_t> first;
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const fs::path below = paths[i].lexically_relative(folder);
    const std::string name = by_folder   ? below.parent_path().string()
                             : by_prefix ? prefix_group(below)
                                         : regex_group(below.generic_string(), pattern);
    groups.push_back(name.empty() ? i : first.emplace(name, i).first->second);
  }
  return groups;
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "graft/data/name_pattern.hpp"

#include "transfer/load/photo_pool.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

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
  const data::NamePattern pattern(by_folder || by_prefix ? std::string() : group_by, "group_by",
                                  "parent-folder nor prefix");
  std::map<std::string, std::size_t> first;
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const fs::path below = paths[i].lexically_relative(folder);
    const std::string name = by_folder   ? below.parent_path().string()
                             : by_prefix ? prefix_group(below)
                                         : pattern.find(below.generic_string());
    groups.push_back(name.empty() ? i : first.emplace(name, i).first->second);
  }
  return groups;
}

}  // namespace graft::transfer

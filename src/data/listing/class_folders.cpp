// SPDX-License-Identifier: Apache-2.0
// Folders that belong to the same class although their names are written differently.
#include <algorithm>

#include "graft/photos.hpp"

#include "data/listing/names.hpp"

namespace graft::data {

std::vector<std::ptrdiff_t> match_class_folders(const std::vector<std::string>& folders,
                                                const std::vector<std::string>& class_names) {
  std::vector<std::ptrdiff_t> result(folders.size(), -1);
  std::vector<bool> taken(class_names.size(), false);
  // The most exact comparison first, so that of 'a' and 'A' each finds its own.
  const auto match_by = [&](const auto& form) {
    for (std::size_t folder = 0; folder < folders.size(); ++folder) {
      for (std::size_t k = 0; k < class_names.size() && result[folder] < 0; ++k) {
        if (taken[k] || form(folders[folder]) != form(class_names[k])) continue;
        result[folder] = static_cast<std::ptrdiff_t>(k);
        taken[k] = true;
      }
    }
  };
  match_by([](const std::string& name) { return name; });
  if (std::ranges::find(result, -1) == result.end()) return result;
  match_by(same_look);
  match_by(same_letters);
  return result;
}

}  // namespace graft::data

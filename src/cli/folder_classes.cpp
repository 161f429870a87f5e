// SPDX-License-Identifier: Apache-2.0
#include "cli/folder_classes.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::cli {

std::vector<std::size_t> classes_of_folders(const Classifier& classifier,
                                            const std::vector<std::string>& folders) {
  std::vector<std::size_t> result;
  for (const std::string& folder : folders) {
    const auto find_in = [&](const std::vector<std::string>& names) {
      return static_cast<std::size_t>(std::find(names.begin(), names.end(), folder) - names.begin());
    };
    const std::size_t count = classifier.class_names().size();
    std::size_t found = find_in(classifier.class_names());
    if (found == count) found = find_in(classifier.class_ids());
    if (found == count) {
      std::string known;
      for (std::size_t i = 0; i < std::min<std::size_t>(count, 10); ++i)
        known += (i == 0 ? "" : ", ") + classifier.class_names()[i];
      fail(ErrorKind::not_found, "the folder '", folder, "' is not a class of the model; its classes are ",
           known, count > 10 ? ", ..." : "");
    }
    result.push_back(found);
  }
  return result;
}

}  // namespace graft::cli

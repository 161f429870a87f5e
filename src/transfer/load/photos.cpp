// SPDX-License-Identifier: Apache-2.0
#include "transfer/load/photos.hpp"

#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::transfer {

std::string describe(const Photos& photos) {
  std::map<int, std::size_t> count;
  for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
    for (const int label : part->labels()) ++count[label];
  }
  std::size_t total = 0;
  std::vector<std::string> each;
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    total += count[static_cast<int>(k)];
    each.push_back(cat(photos.class_names[k], " ", count[static_cast<int>(k)]));
  }
  return cat(photos.class_names.size(), " classes, ", with_commas(static_cast<std::int64_t>(total)),
             " photos: ", comma_list(each, {}, kMostClassesNamed));
}

}  // namespace graft::transfer

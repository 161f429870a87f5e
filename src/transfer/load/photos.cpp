// SPDX-License-Identifier: Apache-2.0
#include "transfer/load/photos.hpp"

#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::transfer {

bool measures_photos(const TrainOptions& options) {
  return options.measure_photos && options.jpeg_scale == data::JpegScale::exact;
}

std::vector<LoadedPhoto> loaded_photos(std::initializer_list<const data::PhotoSet*> sets) {
  std::vector<LoadedPhoto> all;
  for (const data::PhotoSet* set : sets) {
    for (std::size_t i = 0; set != nullptr && i < set->facts().size(); ++i) {
      all.push_back({.file = std::filesystem::absolute(set->file_paths()[i]).lexically_normal(),
                     .facts = set->facts()[i]});
    }
  }
  return all;
}

std::string describe(const Photos& photos) {
  std::map<int, std::size_t> count;
  std::size_t several = 0;
  for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
    for (const int label : part->labels()) ++count[label];
    const std::vector<std::vector<int>> sets = part->label_sets();
    several += sets.size();
    for (const std::vector<int>& set : sets) {
      for (const int label : set) ++count[label];
    }
  }
  std::size_t total = 0;
  std::vector<std::string> each;
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    total += count[static_cast<int>(k)];
    each.push_back(cat(photos.class_names[k], " ", count[static_cast<int>(k)]));
  }
  if (several > 0) {
    return cat(photos.class_names.size(), " labels, ", with_commas(static_cast<std::int64_t>(several)),
               " photos with ", with_commas(static_cast<std::int64_t>(total)),
               " of them: ", comma_list(each, {}, kMostClassesNamed));
  }
  return cat(photos.class_names.size(), " classes, ", with_commas(static_cast<std::int64_t>(total)),
             " photos: ", comma_list(each, {}, kMostClassesNamed));
}

}  // namespace graft::transfer

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <optional>

#include "graft/base/fail.hpp"

#include "inspect/findings/findings.hpp"

namespace graft::inspect {
namespace {

std::string size_text(const PhotoMeasures& measures) { return cat(measures.width, " x ", measures.height); }

/// Mean of the two ends of luma: what brightness is compared by.
double middle(const PhotoMeasures& measures) { return (measures.dark + measures.bright) / 2; }

class DuplicateWords {
 public:
  DuplicateWords(const ScannedPhotos& scanned, const std::vector<std::string>& class_names)
      : scanned_(scanned), class_names_(class_names) {}

  [[nodiscard]] std::string of(const DuplicatePair& pair) const {
    const InspectedPhoto& a = scanned_.photos[pair.first];
    const InspectedPhoto& b = scanned_.photos[pair.second];
    std::string words;
    const auto add = [&](const std::string& more) { words += (words.empty() ? "" : ", ") + more; };
    if (pair.other_class) add(cat("class ", name(a.label), " and ", name(b.label)));
    if (a.part != b.part) add(cat("part ", a.part, " and ", b.part));
    if (pair.kind == DuplicateKind::same_file) return words;
    if (size_text(a.measures) != size_text(b.measures))
      add(cat("size ", size_text(a.measures), " and ", size_text(b.measures)));
    const data::ImageFormat first = scanned_.formats[pair.first];
    const data::ImageFormat second = scanned_.formats[pair.second];
    if (first != second) add(cat("format ", data::to_string(first), " and ", data::to_string(second)));
    if (scanned_.bytes[pair.first] != scanned_.bytes[pair.second])
      add(cat("bytes ", scanned_.bytes[pair.first], " and ", scanned_.bytes[pair.second]));
    if (pair.kind == DuplicateKind::same_pixels) return words;
    const auto brighter = std::lround(middle(b.measures) - middle(a.measures));
    if (brighter != 0) add(cat("brightness by ", brighter > 0 ? "+" : "", brighter, " of 255"));
    const data::Fingerprint& p = scanned_.fingerprints[pair.first];
    const data::Fingerprint& q = scanned_.fingerprints[pair.second];
    add(cat(std::popcount(p.pattern ^ q.pattern), " of 64 bits of the pattern"));
    return words;
  }

 private:
  [[nodiscard]] std::string name(int label) const {
    return label < 0 ? "none" : class_names_[static_cast<std::size_t>(label)];
  }

  const ScannedPhotos& scanned_;
  const std::vector<std::string>& class_names_;
};

int rank_of(const std::string& part) { return part == "train" ? 0 : part == "validation" ? 1 : 2; }

}  // namespace

DuplicateGroups find_duplicates(const ScannedPhotos& scanned, const std::vector<std::string>& class_names,
                                const data::SimilarOptions& limits) {
  const std::vector<data::SimilarPair> similar = data::find_similar(scanned.fingerprints, limits);
  const DuplicateWords words(scanned, class_names);
  DuplicateGroups result;
  for (const data::SimilarPair& one : similar) {
    DuplicatePair pair{.first = one.first, .second = one.second};
    if (scanned.contents[one.first] == scanned.contents[one.second]) {
      pair.kind = DuplicateKind::same_file;
    } else if (one.exact) {
      pair.kind = DuplicateKind::same_pixels;
    }
    pair.other_class = scanned.photos[one.first].label != scanned.photos[one.second].label;
    pair.differs = words.of(pair);
    result.pairs.push_back(std::move(pair));
  }
  result.groups = data::join_groups(scanned.photos.size(), {}, similar);
  return result;
}

std::vector<LeakedPhoto> find_leaks(const std::vector<InspectedPhoto>& photos,
                                    const std::vector<std::size_t>& groups) {
  // Of each group the photo in the earliest part: what the others were leaked from.
  std::map<std::size_t, std::size_t> source;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const auto [found, fresh] = source.try_emplace(groups[i], i);
    if (!fresh && rank_of(photos[i].part) < rank_of(photos[found->second].part)) found->second = i;
  }
  std::vector<LeakedPhoto> leaks;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const std::size_t from = source.at(groups[i]);
    if (photos[from].part != photos[i].part) leaks.push_back({.photo = i, .other = from});
  }
  return leaks;
}

}  // namespace graft::inspect

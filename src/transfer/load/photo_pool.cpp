// SPDX-License-Identifier: Apache-2.0
#include "transfer/load/photo_pool.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/image.hpp"
#include "graft/pretrained.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/load/known_photos.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/load/shared_decoding.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kExamples = 20;  // named in the report

data::PhotoSet load(const data::PhotoList& list, const TrainOptions& options, Size2D image_size,
                    Reporter& reporter, bool require_every_class) {
  data::LoadPhotosOptions load_options{.image_size = image_size,
                                       .pixel_type = options.pixel_type,
                                       .cache_bytes = options.pixel_bytes,
                                       .disk_cache_bytes = options.disk_bytes,
                                       .fingerprints = options.evaluation.duplicates != Duplicates::ignore,
                                       .measures = measures_photos(options),
                                       .require_every_class = require_every_class};
  load_options.resize = classify::resize_for_weights(options.weights);
  load_options.decode.exif = options.exif;
  load_options.decode.jpeg_scale = options.jpeg_scale;
  // The tutorial needs all pixels in every epoch, the others none where the features are known too.
  if (options.disk_cache.use && !is_recipe<TutorialRecipe>(options))
    load_options.known = std::make_shared<CachedKnownPhotos>(options.disk_cache, load_options.measures);
  const data::LoadProgress progress = [&](std::size_t done, std::size_t total) {
    return reporter.update("photos", done, total, "photos");
  };
  if (!options.ranks) return data::load_photos(list, load_options, progress);
  load_options.known = decode_in_shares(*options.ranks, list, load_options, progress);
  return data::load_photos(list, load_options);
}

std::string count(std::size_t number, const char* one, const char* many) {
  return cat(number, " ", number == 1 ? one : many);
}

/// Looks for photos that are there twice.
class DuplicateSearch {
 public:
  explicit DuplicateSearch(PhotoPool& pool) : pool_(pool) {
    add(pool.train);
    own_parts_from_ = prints_.size();
    if (pool.validation) add(*pool.validation);
    if (pool.test) add(*pool.test);
  }

  void run(Duplicates what) {
    pairs_ = data::find_similar(prints_);
    pool_.same = data::join_groups(prints_.size(), {}, pairs_);
    const auto exact = static_cast<std::size_t>(std::ranges::count(pairs_, true, &data::SimilarPair::exact));
    const std::size_t different = of_different_classes();
    pool_.duplicates = DuplicatePhotos{.exact = exact,
                                       .near = pairs_.size() - exact,
                                       .of_different_classes = different,
                                       .examples = examples()};
    if (pairs_.empty()) return;
    std::string note = cat(count(pairs_.size(), "photo is", "photos are"), " there twice, or nearly: ", exact,
                           " exactly, ", pairs_.size() - exact, " nearly");
    if (different > 0) note += cat(", ", different, " of them under another class");
    pool_.notes.push_back(note);
    pool_.notes.push_back(
        cat("  such as ", paths_[pairs_[0].first].string(), " and ", paths_[pairs_[0].second].string()));
    if (what == Duplicates::drop) drop();
  }

 private:
  void add(const data::PhotoSet& photos) {
    prints_.insert(prints_.end(), photos.fingerprints().begin(), photos.fingerprints().end());
    paths_.insert(paths_.end(), photos.file_paths().begin(), photos.file_paths().end());
    for (const int label : photos.labels()) labels_.push_back({label});
    labels_.insert(labels_.end(), photos.label_sets().begin(), photos.label_sets().end());
    labels_.resize(paths_.size());  // photos with numbers have no label
  }

  [[nodiscard]] std::size_t of_different_classes() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        pairs_, [&](const data::SimilarPair& pair) { return labels_[pair.first] != labels_[pair.second]; }));
  }

  [[nodiscard]] std::vector<PhotoPair> examples() const {
    std::vector<PhotoPair> list;
    for (const data::SimilarPair& pair : std::span(pairs_).first(std::min(pairs_.size(), kExamples)))
      list.push_back({.first = paths_[pair.first], .second = paths_[pair.second], .exact = pair.exact});
    return list;
  }

  void drop() {
    std::set<std::size_t> there(pool_.same.begin() + static_cast<std::ptrdiff_t>(own_parts_from_),
                                pool_.same.end());
    pool_.usable.clear();
    for (std::size_t i = 0; i < own_parts_from_; ++i) {
      if (there.insert(pool_.same[i]).second) pool_.usable.push_back(i);
    }
    const std::size_t dropped = own_parts_from_ - pool_.usable.size();
    pool_.duplicates->dropped = dropped;
    pool_.notes.push_back(cat("  ", dropped, " of them left out"));
  }

  PhotoPool& pool_;
  std::vector<data::Fingerprint> prints_;
  std::vector<fs::path> paths_;
  std::vector<std::vector<int>> labels_;
  std::vector<data::SimilarPair> pairs_;
  std::size_t own_parts_from_ = 0;
};

/// Photos by class, where one class has several times as many as another.
void note_imbalance(PhotoPool& pool) {
  if (pool.train.labels().empty()) return;  // several labels a photo, or numbers
  constexpr double kUneven = 3;
  std::vector<std::size_t> counts(pool.train.class_names().size(), 0);
  for (const std::size_t i : pool.usable) ++counts[static_cast<std::size_t>(pool.train.labels()[i])];
  const auto [least, most] = std::ranges::minmax_element(counts);
  if (static_cast<double>(*most) < kUneven * static_cast<double>(*least)) return;
  const auto name = [&](auto at) {
    return pool.train.class_names()[static_cast<std::size_t>(at - counts.begin())];
  };
  pool.notes.push_back(cat("the classes are uneven: ", name(most), " has ", *most, " photos, ", name(least),
                           " ", *least,
                           "; look at the recall of each class, and consider weighting the classes "
                           "(--optimize balanced, or --class-weight balanced)"));
}

/// Photos that stay in one part: the requested groups, and duplicates.
void join(PhotoPool& pool, const fs::path& folder, const std::string& group_by) {
  const std::size_t photos = pool.train.size();
  std::vector<std::size_t> asked = pool.train.groups();
  if (!asked.empty() && !group_by.empty())
    fail_option(
        ErrorKind::invalid_argument, "group_by",
        "group_by: the list of labels has a column for groups; leave one of them out (group=- for the "
        "list's)");
  const bool listed = !asked.empty();
  asked.resize(photos);
  if (!listed) std::iota(asked.begin(), asked.end(), std::size_t{0});
  if (!group_by.empty() || listed) {
    if (!listed) asked = group_paths(pool.train.file_paths(), folder, group_by);
    const std::set<std::size_t> distinct(asked.begin(), asked.end());
    pool.notes.push_back(cat(distinct.size(), " groups of photos by ", listed ? "the list" : group_by,
                             ", each kept in one part"));
  }
  std::vector<data::SimilarPair> pairs;
  for (std::size_t i = 0; i < std::min(photos, pool.same.size()); ++i) {
    if (pool.same[i] != i) pairs.push_back({.first = pool.same[i], .second = i});
  }
  if (listed || !group_by.empty() || !pairs.empty()) pool.groups = data::join_groups(photos, asked, pairs);
}

}  // namespace

PhotoPool load_pool(const PhotoLists& lists, const TrainOptions& options, Size2D image_size,
                    Reporter& reporter) {
  const std::string& group_by = options.evaluation.group_by;
  if (!group_by.empty()) static_cast<void>(group_paths({}, lists.folders.train, group_by));
  PhotoPool pool{.train = load(lists.train, options, image_size, reporter, true)};
  if (lists.validation) pool.validation = load(*lists.validation, options, image_size, reporter, false);
  if (lists.test) pool.test = load(*lists.test, options, image_size, reporter, false);
  pool.notes = lists.notes;
  if (const std::string note = classify::note_of_config(options.weights, image_size); !note.empty())
    pool.notes.push_back(note);
  for (const data::PhotoSet* part :
       {&pool.train, pool.validation ? &*pool.validation : nullptr, pool.test ? &*pool.test : nullptr}) {
    if (part != nullptr) pool.notes.insert(pool.notes.end(), part->notes().begin(), part->notes().end());
  }
  pool.prints = photo_prints(pool.train.file_paths());
  pool.usable.resize(pool.train.size());
  std::iota(pool.usable.begin(), pool.usable.end(), std::size_t{0});
  if (options.evaluation.duplicates != Duplicates::ignore)
    DuplicateSearch(pool).run(options.evaluation.duplicates);
  note_imbalance(pool);
  join(pool, lists.folders.train, group_by);
  return pool;
}

RestOfFold rest_of_fold(const PhotoPool& pool, const std::vector<std::size_t>& fold) {
  RestOfFold rest{.pool = pool, .rows = {}};
  rest.pool.test.reset();
  std::ranges::set_difference(pool.usable, fold, std::back_inserter(rest.rows));
  return rest;
}

}  // namespace graft::transfer

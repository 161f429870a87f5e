// SPDX-License-Identifier: Apache-2.0
#include "transfer/rounds/load_round.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/load/shared_decoding.hpp"
#include "transfer/rounds/round_parts.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

constexpr double kRehearsedValidation = 0.2;  // of the photos rehearsed from a folder

/// What is known of a photo from earlier rounds.
struct Known {
  Part part = Part::train;
  std::string class_name;  ///< in the last round that had it
};

/// Of a run without earlier rounds: the defaults.
RoundRecipe recipe_of(const TrainOptions& options) {
  const auto* round = std::get_if<RoundRecipe>(&options.recipe);
  return round != nullptr ? *round : RoundRecipe{};
}

class RoundLoader {
 public:
  RoundLoader(const RoundRequest& request, Reporter& reporter)
      : request_(request),
        recipe_(recipe_of(request.options)),
        reporter_(reporter),
        classes_(request.classes) {
    for (const RoundRecord& round : request.earlier) {
      for (const KnownPhoto& photo : round.known) {
        if (photo.print.empty()) continue;
        const auto [known, added] =
            known_.emplace(photo.print, Known{.part = photo.part, .class_name = photo.class_name});
        known->second.class_name = photo.class_name;
        // A photo under two names belongs to the test part if either name does.
        if (!added && photo.part == Part::test) known->second.part = Part::test;
      }
    }
  }

  RoundPhotos load() {
    const Folders folders = find_folders(request_.folder, request_.options);
    notes_ = folders.notes;
    add_folder(folders.train, Part::train, folders.validation.empty() || folders.test.empty());
    if (!folders.validation.empty()) add_folder(folders.validation, Part::validation, false);
    if (!folders.test.empty()) add_folder(folders.test, Part::test, false);
    const std::size_t own = order_.size();
    if (recipe_.rehearses()) rehearse();
    check_classes(own);
    add_earlier_tests();
    return assemble(folders);
  }

 private:
  int label_of(const std::string& class_name) {
    const auto found = std::ranges::find(classes_, class_name);
    if (found != classes_.end()) return static_cast<int>(found - classes_.begin());
    classes_.push_back(class_name);
    return static_cast<int>(classes_.size() - 1);
  }

  RoundEntry& entry(const fs::path& file, int label, const std::string& print) {
    const std::string name = fs::absolute(file).lexically_normal().string();
    const auto [found, added] = entries_.try_emplace(name, RoundEntry{.label = label, .print = print});
    if (added) order_.push_back(name);
    return found->second;
  }

  /// A folder of this round. Photos that are known keep the part that they had, or stay out.
  void add_folder(const fs::path& folder, Part part, bool divides) {
    const data::PhotoList list = part == Part::train ? data::list_photos(folder, request_.options.listing)
                                                     : list_part(folder, classes_, request_.options);
    check_plain_list(list);
    left_out_.insert(left_out_.end(), list.left_out.begin(), list.left_out.end());
    notes_.insert(notes_.end(), list.notes.begin(), list.notes.end());
    const std::vector<std::string> prints =
        known_.empty() ? std::vector<std::string>(list.paths.size()) : photo_prints(list.paths);
    for (std::size_t i = 0; i < list.paths.size(); ++i) {
      const auto known = known_.find(prints[i]);
      const std::string& class_name = list.class_names[static_cast<std::size_t>(list.labels[i])];
      if (!prints[i].empty() && !here_.emplace(prints[i], list.paths[i]).second &&
          has_copy(prints[i], class_name)) {
        ++copies_;
        continue;
      }
      if (known != known_.end() && !divides && known->second.part != part) {
        ++held_back_;
        continue;
      }
      RoundEntry& added = entry(list.paths[i], label_of(class_name), prints[i]);
      if (known != known_.end() && divides) {
        added.part = known->second.part;
        ++keeps_part_;
      } else {
        added.part = part;
        added.free = divides;
      }
    }
  }

  /// True where the photo is among the entries, in this class. Under another class both stay: one of the
  /// labels is wrong, which only a person can tell.
  [[nodiscard]] bool has_copy(const std::string& print, const std::string& class_name) const {
    return std::ranges::any_of(entries_, [&](const auto& named) {
      const RoundEntry& photo = named.second;
      return photo.print == print && classes_.at(static_cast<std::size_t>(photo.label)) == class_name;
    });
  }

  /// Photos of older rounds by class and part.
  using Pools = std::map<std::pair<int, Part>, std::vector<std::pair<fs::path, std::string>>>;

  /// Photos of older rounds that are learnt again: at most this many per class, drawn by the seed. By content
  /// each is taken once, and not where it is among this round's own photos.
  void rehearse() {
    Pools pools;
    std::size_t found = 0;
    std::set<std::string> pooled;
    const auto is_new = [&](const std::string& print) {
      ++found;
      return !here_.contains(print) && pooled.insert(print).second;
    };
    if (recipe_.rehearse_folders.empty()) {
      // The last round first: it has the labels as they were corrected.
      for (std::size_t round = request_.earlier.size(); round-- > 0;) {
        for (const KnownPhoto& photo : request_.earlier[round].known) {
          std::error_code error;
          const auto known = known_.find(photo.print);
          if (known == known_.end() || known->second.part == Part::test) continue;
          if (fs::is_regular_file(photo.file, error) && is_new(photo.print))
            pools[{label_of(photo.class_name), known->second.part}].emplace_back(photo.file, photo.print);
        }
      }
    }
    for (const fs::path& folder : recipe_.rehearse_folders) add_pool(folder, pools, is_new);
    const std::size_t before = order_.size();
    for (auto& [key, files] : pools) take(files, key.first, key.second);
    rehearsed_ = order_.size() - before;
    if (found == 0) {
      fail(ErrorKind::not_found,
           "rehearse: no photo of the earlier rounds was found; name the folders with their photos "
           "(rehearse_folders)");
    }
  }

  void add_pool(const fs::path& folder, Pools& pools, const std::function<bool(const std::string&)>& is_new) {
    const data::Layout layout = data::find_layout(folder);
    const data::PhotoList list = data::list_photos(layout.has_parts() ? *layout.train : folder);
    const std::vector<std::string> prints = photo_prints(list.paths);
    for (std::size_t i = 0; i < list.paths.size(); ++i) {
      const auto known = known_.find(prints[i]);
      if (known != known_.end() && known->second.part == Part::test) continue;
      if (!is_new(prints[i])) continue;
      const bool validates = known != known_.end()
                                 ? known->second.part == Part::validation
                                 : unit_from_bits(mix64(fnv1a(prints[i]))) < kRehearsedValidation;
      const int label = label_of(list.class_names[static_cast<std::size_t>(list.labels[i])]);
      pools[{label, validates ? Part::validation : Part::train}].emplace_back(list.paths[i], prints[i]);
    }
  }

  static double unit_from_bits(std::uint64_t bits) {
    return static_cast<double>(bits >> 11) / static_cast<double>(std::uint64_t{1} << 53);
  }

  void take(const std::vector<std::pair<fs::path, std::string>>& files, int label, Part part) {
    const auto wanted = static_cast<std::size_t>(
        recipe_.rehearse_per_class.value_or(static_cast<std::int64_t>(files.size())));
    // A quarter as many to choose by: about how training and validation photos are divided.
    const std::size_t most = part == Part::train ? wanted : (wanted + 3) / 4;
    const auto seed = static_cast<std::uint32_t>(mix64(request_.options.seed + static_cast<unsigned>(label)));
    std::size_t taken = 0;
    for (const std::size_t i : data::numpy_permutation(files.size(), seed)) {
      if (taken == most) break;
      RoundEntry& added = entry(files[i].first, label, files[i].second);
      if (added.part) continue;  // it is among this round's photos
      added.part = part;
      ++taken;
    }
  }

  /// own: entries of this round's own folders, which are first.
  void check_classes(std::size_t own) const {
    std::set<int> seen, new_photos;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const int label = entries_.at(order_[i]).label;
      seen.insert(label);
      if (i < own) new_photos.insert(label);
    }
    if (seen.size() < 2) {
      fail_option(ErrorKind::invalid_argument, request_.earlier.empty() ? "" : "rehearse_per_class",
                  request_.folder.string(), ": all photos are of one class, '",
                  classes_.at(static_cast<std::size_t>(*seen.begin())),
                  "'; a classifier needs something to tell it apart from: add other classes",
                  request_.earlier.empty() ? "" : ", or rehearse older photos (for example 50 per class)");
    }
    const auto known = static_cast<int>(request_.classes.size());
    if (known == 0 || rehearsed_ > 0 || *new_photos.begin() < known) return;
    fail_option(
        ErrorKind::invalid_argument, "rehearse_per_class", request_.folder.string(),
        " has none of the model's classes (", comma_list(request_.classes, {}, kMostClassesNamed),
        "): they would be forgotten; rehearse older photos (for example 50 per class, or from a folder)");
  }

  void add_earlier_tests() {
    tests_.resize(request_.earlier.size());
    for (std::size_t round = 0; round < request_.earlier.size(); ++round) {
      for (const KnownPhoto& photo : request_.earlier[round].known) {
        if (photo.part != Part::test) continue;
        // Moved or renamed, it is known by its content.
        const auto moved = here_.find(photo.print);
        const fs::path& file = moved != here_.end() ? moved->second : photo.file;
        std::error_code error;
        if (fs::is_regular_file(file, error)) {
          entry(file, label_of(photo.class_name), photo.print).earlier.push_back(round);
        } else {
          ++tests_[round].missing;
        }
      }
    }
  }

  data::PhotoSet decode() {
    data::PhotoList list{.paths = {}, .labels = {}, .class_names = classes_, .left_out = left_out_};
    for (const std::string& name : order_) {
      list.paths.emplace_back(name);
      list.labels.push_back(entries_.at(name).label);
    }
    data::LoadPhotosOptions load = request_.load;
    load.pixel_type = request_.options.pixel_type;
    load.cache_bytes = request_.options.pixel_bytes;
    load.disk_cache_bytes = request_.options.disk_bytes;
    load.require_every_class = false;
    load.measures = measures_photos(request_.options);
    const data::LoadProgress progress = [&](std::size_t done, std::size_t total) {
      return reporter_.update("photos", done, total, "photos");
    };
    agree_on("the list of photos");
    if (!request_.options.ranks) return data::load_photos(list, load, progress);
    load.known = decode_in_shares(*request_.options.ranks, list, load, progress);
    return data::load_photos(list, load);
  }

  /// Throws where ranks have other photos, or know other things of them.
  void agree_on(const char* what) const {
    if (!request_.options.ranks) return;
    Hasher hasher;
    for (const std::string& name : classes_) hasher.add(name);
    for (const std::string& name : order_) add_to(hasher, name, entries_.at(name));
    agree_on_hash(*request_.options.ranks, what, hasher);
  }

  /// Assigns parts to the new photos.
  void divide(const data::PhotoSet& set, const Folders& folders) {
    std::vector<std::string> free, prints;
    std::vector<int> labels;
    for (const fs::path& file : set.file_paths()) {
      RoundEntry& found = entries_.at(file.string());
      if (!found.free) continue;
      free.push_back(file.string());
      labels.push_back(found.label);
      if (found.print.empty()) found.print = photo_print(file);
      prints.push_back(found.print);
    }
    if (free.empty()) return;
    const Split split = split_by_content({.labels = labels,
                                          .prints = prints,
                                          .groups = groups_of(free, request_),
                                          .needs_validation = folders.validation.empty(),
                                          .needs_test = folders.test.empty(),
                                          .seed = request_.options.seed});
    for (const std::size_t i : split.validation) entries_.at(free[i]).part = Part::validation;
    for (const std::size_t i : split.test) entries_.at(free[i]).part = Part::test;
  }

  RoundPhotos assemble(const Folders& folders) {
    const data::PhotoSet set = decode();
    divide(set, folders);
    agree_on("the content of the photos");
    std::map<Part, std::vector<std::size_t>> rows;
    std::vector<std::vector<std::size_t>> earlier(request_.earlier.size());
    for (std::size_t i = 0; i < set.size(); ++i) {
      const RoundEntry& found = entries_.at(set.file_paths()[i].string());
      if (found.part) rows[*found.part].push_back(i);
      for (const std::size_t round : found.earlier) earlier[round].push_back(i);
    }
    for (const Part part : {Part::train, Part::validation, Part::test}) {
      if (rows[part].empty()) fail_without_photos(request_.folder, part, set.size(), keeps_part_);
    }
    const data::DatasetOptions fixed{.batch_size = request_.options.batch_size,
                                     .seed = request_.options.seed,
                                     .label_mode = request_.label_mode};
    data::DatasetOptions shuffled = fixed;
    shuffled.shuffle = true;
    for (std::size_t round = 0; round < earlier.size(); ++round) {
      if (!earlier[round].empty()) tests_[round].photos = set.subset(earlier[round], fixed);
    }
    std::map<Part, std::vector<std::string>> prints;
    for (const auto& [part, photos] : rows) {
      for (const std::size_t i : photos)
        prints[part].push_back(entries_.at(set.file_paths()[i].string()).print);
    }
    const auto novelty = [&](Part part) {
      std::vector<Novelty> all;
      for (const std::size_t i : rows[part])
        all.push_back(novelty_of(entries_.at(set.file_paths()[i].string())));
      return all;
    };
    return {.photos = {.train = set.subset(rows[Part::train], shuffled),
                       .validation = set.subset(rows[Part::validation], fixed),
                       .test = set.subset(rows[Part::test], fixed),
                       .class_names = classes_,
                       .left_out = set.left_out(),
                       .split_note = note(rows),
                       .notes = notes_,
                       .cache = request_.options.disk_cache,
                       .prints = std::move(prints),
                       .loaded = loaded_photos({&set})},
            .earlier = std::move(tests_),
            .rehearsed = rehearsed_,
            .train = novelty(Part::train),
            .validation = novelty(Part::validation),
            .covered = covered()};
  }

  [[nodiscard]] Novelty novelty_of(const RoundEntry& photo) const {
    const auto known = known_.find(photo.print);
    if (known == known_.end()) return Novelty::fresh;
    const bool same = known->second.class_name == classes_.at(static_cast<std::size_t>(photo.label));
    return same ? Novelty::known : Novelty::relabelled;
  }

  /// See RoundPhotos::covered.
  [[nodiscard]] double covered() const {
    std::set<std::string> taught;
    for (const auto& [name, photo] : entries_) {
      if (photo.part && *photo.part != Part::test) taught.insert(photo.print);
    }
    std::size_t all = 0, found = 0;
    for (const auto& [print, known] : known_) {
      if (known.part == Part::test) continue;
      ++all;
      found += taught.contains(print) ? 1 : 0;
    }
    return all == 0 ? 0 : static_cast<double>(found) / static_cast<double>(all);
  }

  std::string note(std::map<Part, std::vector<std::size_t>>& rows) const {
    std::string text =
        cat("split ", rows[Part::train].size(), " train, ", rows[Part::validation].size(), " validation, ",
            rows[Part::test].size(), " test, by content, seed ", request_.options.seed);
    if (keeps_part_ > 0) text += cat("; ", keeps_part_, " known from earlier rounds keep their part");
    if (held_back_ > 0) text += cat("; ", held_back_, " left out: they were in another part before");
    if (copies_ > 0) text += cat("; ", copies_, copies_ == 1 ? " copy" : " copies", " left out");
    if (rehearsed_ > 0) text += cat("; ", rehearsed_, " rehearsed");
    return text;
  }

  const RoundRequest& request_;
  RoundRecipe recipe_;
  Reporter& reporter_;
  std::vector<std::string> classes_;
  std::map<std::string, Known> known_;         ///< by print
  std::map<std::string, fs::path> here_;       ///< by print: this round's own files
  std::map<std::string, RoundEntry> entries_;  ///< by absolute path
  std::vector<std::string> order_;
  std::vector<data::LeftOut> left_out_;
  std::vector<std::string> notes_;  ///< what is unusual about the folders
  std::vector<EarlierTest> tests_;
  std::size_t rehearsed_ = 0, keeps_part_ = 0, held_back_ = 0, copies_ = 0;
};

}  // namespace

RoundPhotos load_round(const RoundRequest& request, Reporter& reporter) {
  TrainOptions options = request.options;
  options.listing.nested = options.listing.nested || classify::has_nested_classes(request.classes);
  return RoundLoader(
             {request.folder, options, request.earlier, request.load, request.classes, request.label_mode},
             reporter)
      .load();
}

}  // namespace graft::transfer

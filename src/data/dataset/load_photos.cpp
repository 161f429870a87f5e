// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <numeric>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/read_photo.hpp"

#include "data/dataset/photo_store.hpp"
#include "data/dataset/workers.hpp"
#include "data/decode/picture.hpp"
#include "data/listing/files.hpp"

namespace graft::data {
namespace {

/// A reason from another library may end in a line break, which would tear a list of files.
std::string one_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return shown(text);
}

Tensor table_of(const std::vector<float>& values, std::size_t width) {
  Tensor table({static_cast<std::int64_t>(values.size() / width), static_cast<std::int64_t>(width)});
  std::ranges::copy(values, table.data<float>().begin());
  return table;
}

/// "2 photos: nearly black, such as a/1.tif"
std::vector<std::string> notes_of(const PhotoList& list, const std::vector<std::string>& notes) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> kinds;  // count, first
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (!notes[i].empty()) ++kinds.try_emplace(notes[i], 0, i).first->second.first;
  }
  std::vector<std::string> result = list.notes;
  for (const auto& [note, found] : kinds) {
    result.push_back(cat(found.first, found.first == 1 ? " photo: " : " photos: ", note, ", such as ",
                         shown(list.paths[found.second].string())));
  }
  return result;
}

/// Decodes every photo of a list in threads while the calling thread reports progress.
class Loader {
 public:
  Loader(const PhotoList& list, const LoadPhotosOptions& options)
      : list_(list), options_(options), cache_(std::make_shared<PixelCache>(list.paths.size(), options)) {
    reasons_.resize(list.paths.size());
    if (options.fingerprints) prints_.resize(list.paths.size());
    if (options.measures) facts_.resize(list.paths.size());
    contents_.resize(list.paths.size());
    notes_.resize(list.paths.size());
  }

  void run(const LoadProgress& progress) {
    Workers workers;
    const StopOnExit stop_on_exit(stop_);
    const std::size_t wanted = std::min(worker_count(options_.threads), list_.paths.size());
    if (workers.start(wanted, [this] { work(); }) == 0) work();
    report(progress);
    if (error_) std::rethrow_exception(error_);
  }

  /// One entry for each photo of the list.
  [[nodiscard]] std::shared_ptr<const PixelCache> cache() const { return cache_; }
  /// Why a photo is not readable; empty for readable photos.
  [[nodiscard]] const std::vector<std::string>& reasons() const { return reasons_; }
  /// Of every photo, also unreadable ones; empty without LoadPhotosOptions::fingerprints.
  [[nodiscard]] const std::vector<Fingerprint>& fingerprints() const { return prints_; }
  /// The same with LoadPhotosOptions::measures.
  [[nodiscard]] const std::vector<PhotoFacts>& facts() const { return facts_; }
  /// What is to be known of each photo that was decoded.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  /// contents_of() each photo; zeros unless they are needed.
  [[nodiscard]] const std::vector<Hash128>& contents() const { return contents_; }

 private:
  class StopOnExit {
   public:
    explicit StopOnExit(std::atomic<bool>& stop) : stop_(stop) {}
    ~StopOnExit() { stop_ = true; }
    StopOnExit(const StopOnExit&) = delete;
    StopOnExit& operator=(const StopOnExit&) = delete;

   private:
    std::atomic<bool>& stop_;
  };

  void work() {
    while (!stop_) {
      const std::size_t i = next_++;
      if (i >= list_.paths.size()) return;
      try {
        decode(i);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        error_ = std::current_exception();
        stop_ = true;
      }
      const std::lock_guard lock(mutex_);
      ++done_;
      changed_.notify_one();
    }
  }

  void decode(std::size_t i) {
    try {
      const std::vector<std::byte> file = read_bytes(list_.paths[i]);
      if (options_.sample_keys || options_.known || options_.measures)
        contents_[i] = contents_of(file, options_.decode);
      if (options_.known) {
        const std::optional<PhotoFacts> known = options_.known->find(sample_key(contents_[i], options_));
        if (known && (facts_.empty() || known->measures.height > 0)) return keep(i, *known, file);
      }
      const Tensor image = decode_noting(file, options_.decode, wanted_size(options_), notes_[i]);
      const Tensor pixels = resize_photo(image, options_);
      cache_->put(i, pixels);
      if (prints_.empty() && facts_.empty() && !options_.known) return;
      PhotoFacts seen{.print = fingerprint(pixels)};
      if (!facts_.empty()) seen.measures = measure_photo(image);
      keep(i, seen, file);
      // A photo with a note is decoded in each run, so that the note is repeated.
      if (options_.known && notes_[i].empty()) options_.known->add(sample_key(contents_[i], options_), seen);
    } catch (const Error& error) {
      reasons_[i] = one_line(error.what());
    } catch (const std::bad_alloc&) {
      reasons_[i] = "not enough memory to decode it";
    }
  }

  void keep(std::size_t i, const PhotoFacts& seen, std::span<const std::byte> file) {
    if (!prints_.empty()) prints_[i] = seen.print;
    if (facts_.empty()) return;
    facts_[i] = seen;
    facts_[i].contents = contents_[i];
    facts_[i].bytes = file.size();
    facts_[i].format = image_format_of(file.first(std::min(file.size(), kImageHeadBytes)));
  }

  void report(const LoadProgress& progress) {
    std::size_t reported = 0;
    std::unique_lock lock(mutex_);
    while (reported < list_.paths.size()) {
      changed_.wait(lock, [&] { return done_ > reported || error_; });
      if (error_) return;
      reported = done_;
      lock.unlock();
      if (progress && !progress(reported, list_.paths.size()))
        fail(ErrorKind::interrupted, "reading photos was stopped after ", reported, " of ",
             list_.paths.size());
      lock.lock();
    }
  }

  const PhotoList& list_;
  const LoadPhotosOptions& options_;
  std::shared_ptr<PixelCache> cache_;
  std::vector<std::string> reasons_;
  std::vector<std::string> notes_;
  std::vector<Fingerprint> prints_;
  std::vector<PhotoFacts> facts_;
  std::vector<Hash128> contents_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
  std::exception_ptr error_;
};

void check(const PhotoList& list, const LoadPhotosOptions& options) {
  if (options.image_size.height < 1 || options.image_size.width < 1) {
    fail(ErrorKind::invalid_argument, "image_size: expected at least 1 x 1, received ",
         options.image_size.height, " x ", options.image_size.width);
  }
  if (options.measures && channels_of(options.decode.color_mode) == 4)
    fail(ErrorKind::invalid_argument, "measures: expected ColorMode rgb or grayscale, received rgba");
  if (options.resize.crop_to_aspect_ratio && options.resize.pad_to_aspect_ratio)
    fail(ErrorKind::invalid_argument, "only one of pad_to_aspect_ratio and crop_to_aspect_ratio can be set");
  if (!list.labels.empty() && list.labels.size() != list.paths.size()) {
    fail(ErrorKind::invalid_argument, "expected a label for each of ", list.paths.size(),
         " photos, received ", list.labels.size());
  }
  for (const int label : list.labels) {
    if (label < 0 || static_cast<std::size_t>(label) >= list.class_names.size())
      fail(ErrorKind::invalid_argument, "label ", label, " has no name in class_names");
  }
}

/// "class 'ants' is left without a photo: none of its 3 can be read; the first: ants/1.jpg: empty file"
void check_classes(const PhotoList& list, const std::vector<int>& left,
                   const std::vector<std::string>& reasons) {
  for (std::size_t label = 0; label < list.class_names.size(); ++label) {
    const int wanted = static_cast<int>(label);
    if (std::find(left.begin(), left.end(), wanted) != left.end()) continue;
    const auto first = std::find(list.labels.begin(), list.labels.end(), wanted);
    const auto count = std::count(list.labels.begin(), list.labels.end(), wanted);
    const auto at = static_cast<std::size_t>(first - list.labels.begin());
    const std::string example =
        count == 0 ? "" : cat("; the first: ", list.paths[at].string(), ": ", reasons[at]);
    fail(ErrorKind::bad_file, "class '", list.class_names[label], "' is left without a photo: none of its ",
         count, " can be read", example);
  }
}

}  // namespace

std::string_view to_string(PixelType type) { return type == PixelType::uint8 ? "uint8" : "float32"; }

PhotoSet load_photos(const PhotoList& list, const LoadPhotosOptions& options, const LoadProgress& progress) {
  check(list, options);
  Loader loader(list, options);
  loader.run(progress);
  SampleSource::Facts facts;
  facts.class_names = list.class_names;
  facts.sample_shape = {options.image_size.height, options.image_size.width,
                        channels_of(options.decode.color_mode)};
  std::vector<std::size_t> cache_rows;
  std::vector<Fingerprint> prints;
  std::vector<PhotoFacts> seen;
  std::vector<LeftOut>& left_out = facts.left_out;
  left_out = list.left_out;
  const std::size_t width = list.targets.empty() ? 0 : list.class_names.size();
  std::vector<float> targets;
  for (std::size_t i = 0; i < list.paths.size(); ++i) {
    if (!loader.reasons()[i].empty()) {
      left_out.push_back({.path = list.paths[i], .reason = loader.reasons()[i], .unreadable = true});
      continue;
    }
    facts.paths.push_back(list.paths[i]);
    if (options.sample_keys || options.known) facts.keys.push_back(sample_key(loader.contents()[i], options));
    if (!list.labels.empty()) facts.labels.push_back(list.labels[i]);
    if (!list.label_sets.empty()) facts.label_sets.push_back(list.label_sets[i]);
    if (width > 0)
      targets.insert(targets.end(), list.targets.begin() + static_cast<std::ptrdiff_t>(i * width),
                     list.targets.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
    if (!list.groups.empty()) facts.groups.push_back(list.groups[i]);
    if (!list.weights.empty()) facts.weights.push_back(list.weights[i]);
    if (options.fingerprints) prints.push_back(loader.fingerprints()[i]);
    if (options.measures) seen.push_back(loader.facts()[i]);
    cache_rows.push_back(i);
  }
  facts.count = facts.paths.size();
  facts.has_targets = width > 0;
  if (facts.has_targets) facts.given_labels = table_of(targets, width);
  facts.notes = notes_of(list, loader.notes());
  std::stable_sort(left_out.begin(), left_out.end(),
                   [](const LeftOut& a, const LeftOut& b) { return a.path.string() < b.path.string(); });
  if (options.require_every_class && list.label_sets.empty() && list.targets.empty())
    check_classes(list, facts.labels, loader.reasons());
  if (facts.paths.empty() && !options.allow_none) {
    const std::string example =
        left_out.empty() ? "" : cat("; ", left_out.front().path.string(), ": ", left_out.front().reason);
    fail(ErrorKind::bad_file, "there is no photo that can be read", example);
  }
  LoadPhotosOptions later = options;
  later.known.reset();  // only for loading
  return PhotoSet(
      std::make_shared<PhotoStore>(std::move(facts), loader.cache(), std::move(cache_rows), later),
      std::move(prints), std::move(seen));
}

PhotoSet::PhotoSet(std::shared_ptr<const SampleSource> source, std::vector<Fingerprint> fingerprints,
                   std::vector<PhotoFacts> facts)
    : source_(std::move(source)), fingerprints_(std::move(fingerprints)), facts_(std::move(facts)) {}

std::size_t PhotoSet::size() const { return source_->facts().count; }
const std::vector<std::filesystem::path>& PhotoSet::file_paths() const { return source_->facts().paths; }
const std::vector<LeftOut>& PhotoSet::left_out() const { return source_->facts().left_out; }
const std::vector<std::string>& PhotoSet::notes() const { return source_->facts().notes; }
const std::vector<int>& PhotoSet::labels() const { return source_->facts().labels; }
const std::vector<std::vector<int>>& PhotoSet::label_sets() const { return source_->facts().label_sets; }
const Tensor& PhotoSet::targets() const {
  static const Tensor none;
  return source_->facts().has_targets ? source_->facts().given_labels : none;
}
const std::vector<std::size_t>& PhotoSet::groups() const { return source_->facts().groups; }
const std::vector<float>& PhotoSet::weights() const { return source_->facts().weights; }
const std::vector<std::string>& PhotoSet::class_names() const { return source_->facts().class_names; }

Dataset PhotoSet::subset(std::span<const std::size_t> indices, const DatasetOptions& options) const {
  return {source_, std::vector<std::size_t>(indices.begin(), indices.end()), options};
}

Dataset PhotoSet::all(const DatasetOptions& options) const {
  std::vector<std::size_t> rows(size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return {source_, std::move(rows), options};
}

}  // namespace graft::data

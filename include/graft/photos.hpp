// SPDX-License-Identifier: Apache-2.0
// Photos in folders, with labels from folders, lists or names: listing, loading, data sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/hash.hpp"
#include "graft/image.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// The part of a split that a list gives a photo.
enum class ListedPart {
  unset,       ///< none: the photo is divided like the photos of a folder
  train,       ///< words train, training
  validation,  ///< words val, valid, validation, dev
  test,        ///< words test, testing
};

/// "any part", "train", "validation", "test".
[[nodiscard]] std::string_view to_string(ListedPart part);

/// Names of a list's columns; without a header "1", "2", ... Empty: guessed from the header (path: path,
/// file, filename, image, ...; label: label, class, category, ...; split: split, set, subset, part; group:
/// group, patient, subject, ...; weight: weight, sample_weight), the path also by what names a file. "-":
/// there is none (split, group, weight). What was guessed is in PhotoList::notes.
struct LabelColumns {
  std::string path{};    ///< the photo's file
  std::string label{};   ///< its class; or columns of 0 and 1, one a class: "cat+dog+bird"
  std::string split{};   ///< train, validation or test; an empty field: divided like others
  std::string group{};   ///< what belongs together: photos of one group are never in two parts
  std::string weight{};  ///< how much a photo counts in the loss of a head, 0 or more
};

/// Parses "path=image,label=species,split=fold". Errors: Error{invalid_argument} for another key.
[[nodiscard]] LabelColumns parse_label_columns(const std::string& text);

/// Where labels come from, other than folders.
struct LabelSource {
  /// A table with a row for each photo: comma, semicolon or tab separated (.csv, .tsv, others), with quotes
  /// as in RFC 4180; or .jsonl with an object a line. UTF-8, UTF-16 with a byte order mark, or Windows-1252.
  /// Paths are relative to the folder that is listed, or to the file's own; an extension may be missing.
  std::filesystem::path file{};
  LabelColumns columns{};  ///< of the file
  /// A regular expression (ECMAScript) of a photo's path below the folder: its first group, or all that
  /// matches, is the class. Photos that do not match are left out. Not together with a file.
  std::string from_name{};
  /// A photo may have several labels, or none: all in one field, one in each of several rows, or by copies of
  /// the photo in several class folders. Also where this is false, a list has several labels with a
  /// separator, with lists in .jsonl, and with columns of 0 and 1 where a row does not have exactly one 1.
  bool several = false;
  /// Of several labels in a field; empty: the first of | ; , and the space that a row has.
  std::string separator{};
  /// Columns of the file with a number for each photo (its age, its weight), in place of a class: see
  /// PhotoList::targets. Empty: a column of labels that was guessed is one where all its fields are numbers
  /// and not all are whole; PhotoList::notes say so.
  std::vector<std::string> targets{};
  /// Of a file with a split: only the photos of this part. Unset: all, with PhotoList::parts.
  std::optional<ListedPart> part{};
  /// Whether labels come from here.
  [[nodiscard]] bool given() const { return !file.empty() || !from_name.empty(); }
};

/// A file or folder that was found but is not used.
struct LeftOut {
  std::filesystem::path path;  ///< the file or folder
  std::string reason;          ///< why: "not an image", "truncated JPEG: ..."
  /// A photo, or a folder with possible photos, that could not be read. False: it could, but is not used (not
  /// a picture, in no class folder, below a link).
  bool unreadable = false;
};

/// Files to be read as photos, not yet decoded.
struct PhotoList {
  std::vector<std::filesystem::path> paths;  ///< the files, in order
  std::vector<int> labels;                   ///< index into class_names, one per path; empty without labels
  /// Of photos that may have several labels, in place of labels: the classes of each, sorted; may be none.
  std::vector<std::vector<int>> label_sets{};
  /// Of photos with numbers, in place of labels: one a path and name, path by path.
  std::vector<float> targets{};
  std::vector<std::string> class_names;  ///< names of the classes, or of the numbers; empty without either
  std::vector<LeftOut> left_out;         ///< files that are no photos, in file order
  std::vector<std::string> notes{};      ///< what is unusual about the folders, a sentence each
  // Of a list with columns for them (LabelSource), one a path; else empty.
  std::vector<ListedPart> parts{};    ///< the part of a split
  std::vector<std::size_t> groups{};  ///< a number for each path, equal for what belongs together
  std::vector<float> weights{};       ///< how much a photo counts in the loss of a head
};

/// Which photos list_photos() lists.
struct ListOptions {
  /// true: each sub-folder is a class. false: all files below the folder, without labels.
  bool infer_labels = true;
  /// true: each folder with photos in it is a class, at any depth, and is named by its path below the folder
  /// that is listed: animal/dog. false: a sub-folder is one class with all that is below it.
  bool nested = false;
  /// Sub-folders to use, in this order; empty: all of them, sorted.
  std::vector<std::string> class_names{};
  /// Follow symbolic links to folders below a class (loops are noticed).
  bool follow_links = false;
  /// Files and folders to leave out: shell patterns (* and ?) of a name, or of a path below the folder.
  std::vector<std::string> exclude{};
  /// class_names are those of another folder, which need not all be here: a folder matches a class also in
  /// another case or Unicode form of its name; a class without a folder or photo stays without photos, and
  /// folders of no class are not used. Each such thing gets a note. At least one class must have a photo.
  bool classes_may_be_missing = false;
  /// Where labels come from other than folders; used with infer_labels. The photos are then in the order of
  /// folders: by class, then by path.
  LabelSource labels{};
  /// Called now and then from the calling thread with the number of files seen. Return false to stop:
  /// Error{interrupted}.
  std::function<bool(std::size_t files)> progress{};
  /// Without labels: called from the calling thread with each photo, in order. When it is set,
  /// PhotoList::paths stays empty, so that memory does not grow with them.
  std::function<void(const std::filesystem::path& photo)> on_photo{};
};

/// Lists the photos below a folder in Keras's order: classes sorted by name (bytes, as code points), in each
/// the folders sorted by path and in each the files sorted by name. A file is a candidate when its first
/// bytes are those of a known image format or its name ends in one of Keras's (.bmp .gif .jpeg .jpg .png);
/// other files, linked and unreadable folders and, with labels, photos in no class folder are left_out.
/// Hidden files and folders (leading dot) are skipped silently; so are, with a note, helper folders of
/// operating systems (__MACOSX, eaDir of Synology), results of graft (a folder with model.keras) and class
/// folders in which nothing is visible. Errors: Error{not_found} for the folder or a named class;
/// Error{invalid_argument} when there is no class folder, or the name of one is not UTF-8 or looks like
/// another's; Error{bad_file} naming a class without a candidate; Error{io} when a folder cannot be listed to
/// its end. With ListOptions::labels a row that cannot be used (no such file, empty or unknown label, a photo
/// that an earlier row has with another label) is left_out with its line number, and notes count them; then
/// Error{not_found} when no file of the list exists, Error{invalid_argument} for a column that is not there
/// or cannot be guessed, Error{bad_file} for a file that is no table.
[[nodiscard]] PhotoList list_photos(const std::filesystem::path& directory, const ListOptions& options = {});

/// Whether a file is a zip or tar archive, by its ending and first bytes. In the place of a folder it, or a
/// folder with nothing but files among which are archives, is listed by what is in it: list_photos() takes
/// the label of a photo from the .cls, .txt or .json beside it (WebDataset's shards) or from its folder, and
/// the part of a split from train, val or test in the archive's name or first folder. A photo's path leads
/// through the archive: shards/0.tar/a/1.jpg; it is read in place.
[[nodiscard]] bool is_archive(const std::filesystem::path& file);

/// The part of a list by which a classifier is judged: test, else validation, else train, whichever the list
/// has first. Unset: the list has no parts.
[[nodiscard]] std::optional<ListedPart> part_to_judge(const PhotoList& list);

/// The order in which numpy.random.RandomState(seed).shuffle puts 0..count-1; seed is below 2^32.
[[nodiscard]] std::vector<std::size_t> numpy_permutation(std::size_t count, std::uint32_t seed);

/// graft's own split: positions 0..labels.size()-1 distributed over fractions.size() parts, class by class in
/// a random order that depends only on seed, so that each part has each class in its fraction (largest
/// remainders), and at least one sample of each class that has as many samples as there are parts with a
/// fraction. Each part is sorted. fractions: each >= 0, sum 1 (to 1e-6). Errors: Error{invalid_argument}.
[[nodiscard]] std::vector<std::vector<std::size_t>> stratified_split(std::span<const int> labels,
                                                                     std::span<const double> fractions,
                                                                     std::uint64_t seed);

/// Where the photos of each part are. Parts are sub-folders with the names train, training; val, validation,
/// valid; test, testing, also as a word of the name (training_set, seg_train). Case does not matter.
struct Layout {
  std::optional<std::filesystem::path> train;       ///< the folder with the class folders to train on
  std::optional<std::filesystem::path> validation;  ///< the same for validation
  std::optional<std::filesystem::path> test;        ///< the same for the test
  std::filesystem::path root;      ///< the folder that holds the parts or classes: see find_layout()
  std::vector<std::string> notes;  ///< what is unusual about it, a sentence each
  /// The folder holds parts, not classes.
  [[nodiscard]] bool has_parts() const { return train.has_value(); }
};

/// Looks for train/ val/ test/ in a folder. A folder that holds nothing but one folder of folders is passed
/// through, also within a part: photos/photos/train/train/cats. A class may have the name of a part, so train
/// counts only when it holds folders itself, and when there is another part or nothing else beside it;
/// without train no part is found. A part other than train that has no class folder is not used; a note says
/// so. With options.labels the folder itself is the root, without parts. options: class_names (set: each is a
/// folder of the root, so that there are no parts) and exclude. Errors: Error{not_found};
/// Error{invalid_argument} for two folders of one part, and for folders that look like parts of a split by
/// what they hold: only folders, of the same names in each.
[[nodiscard]] Layout find_layout(const std::filesystem::path& directory, const ListOptions& options = {});

/// For each folder name the position of the class it belongs to: by equal bytes, else by equal looks (Unicode
/// normalisation), else in any case; -1 where there is none. Two folders never have the same class.
[[nodiscard]] std::vector<std::ptrdiff_t> match_class_folders(const std::vector<std::string>& folders,
                                                              const std::vector<std::string>& class_names);

// The types on the way from a folder to batches, in this order:
//   PhotoList     paths, labels and classes of the files in a folder, not decoded (list_photos)
//   PhotoSet      the photos of a list that can be decoded (load_photos): a handle to a PhotoStore
//   SampleSource  interface of what holds samples (private): PhotoStore or TensorSource
//   PhotoStore    photos with their labels (private); its PixelCache keeps pixels in memory and on disk
//   Dataset       some of a SampleSource's samples, with batch size, order and form of the labels
//   BatchIterator one pass over a Dataset; yields a Batch at a time
// KnownPhotos, an interface, remembers between runs which files are good. image_dataset_from_directory() does
// all of this in one call.

/// Element type in which decoded and resized pixels are kept. Batches are float32 in any case.
enum class PixelType {
  float32,  ///< exactly the values of Keras's pipeline
  uint8,    ///< rounded and clipped to 0..255: a quarter of the memory
};

/// "float32" or "uint8".
[[nodiscard]] std::string_view to_string(PixelType type);

/// Default of cache_bytes: 1 GiB.
inline constexpr std::size_t kDefaultCacheBytes = std::size_t{1} << 30;

/// What load_photos() learnt of a photo besides its pixels.
struct PhotoFacts {
  Fingerprint print;                          ///< of the pixels at image_size
  PhotoMeasures measures{};                   ///< of the decoded picture; height 0: not measured
  Hash128 contents;                           ///< contents_of() the file
  std::uintmax_t bytes = 0;                   ///< size of the file
  ImageFormat format = ImageFormat::unknown;  ///< of the file
};

/// Photos that were decoded successfully before, by sample key (contents and loading options), so that
/// load_photos need not decode them again. Threads: called from several threads at once.
class KnownPhotos {
 public:
  virtual ~KnownPhotos() = default;
  /// The fingerprint and measures of a known photo; nothing for others.
  [[nodiscard]] virtual std::optional<PhotoFacts> find(const Hash128& sample) = 0;
  /// Adds a photo that was just decoded.
  virtual void add(const Hash128& sample, const PhotoFacts& photo) = 0;
};
/// Hash of a file's bytes and of the decoding options.
[[nodiscard]] Hash128 contents_of(std::span<const std::byte> file, const DecodeOptions& options);

/// How load_photos() decodes, resizes and keeps photos.
struct LoadPhotosOptions {
  Size2D image_size = 256;                    ///< height and width that every photo is resized to
  ResizeOptions resize;                       ///< how it is resized
  DecodeOptions decode;                       ///< how it is decoded
  PixelType pixel_type = PixelType::float32;  ///< of the pixels that are kept
  /// Most bytes of pixels kept in memory.
  std::size_t cache_bytes = kDefaultCacheBytes;
  /// Most bytes of pixels kept on disk, for photos that do not fit into memory, in a nameless file in graft's
  /// cache folder. Photos that do not fit there either are decoded again at each use.
  std::size_t disk_cache_bytes = 0;
  /// Number of threads that decode; 0: graft::num_threads().
  int threads = 0;
  /// Computes PhotoSet::fingerprints() from the pixels.
  bool fingerprints = false;
  /// Measures each photo as it is decoded, for PhotoSet::facts(). Only with ColorMode rgb and grayscale.
  bool measures = false;
  /// Hashes each file for Dataset::sample_keys(), which caches of results need. Always done where `known` is
  /// set.
  bool sample_keys = true;
  /// Whether a class without a readable photo is an error; else it stays in class_names.
  bool require_every_class = true;
  /// Whether a set without a readable photo is a set of none; else it is an error.
  bool allow_none = false;
  /// Photos in it count as readable and are decoded at first use only; null: none.
  std::shared_ptr<KnownPhotos> known;
};

/// The pixels (H, W, C) of an image for a data set with these options: resized to image_size, then float32 or
/// rounded to uint8 by pixel_type. What load_photos does with each decoded photo.
[[nodiscard]] Tensor resize_photo(const Tensor& image, const LoadPhotosOptions& options);

/// Called in the thread that called load_photos: photos done so far, photos in total. Return false to stop.
using LoadProgress = std::function<bool(std::size_t done, std::size_t total)>;

/// Photos that were decoded successfully, and their shared store of pixels. A light handle.
class PhotoSet {
 public:
  /// For graft's own use: load_photos() returns one. fingerprints, facts: one per photo, or empty.
  explicit PhotoSet(std::shared_ptr<const SampleSource> source, std::vector<Fingerprint> fingerprints = {},
                    std::vector<PhotoFacts> facts = {});

  /// Number of photos.
  [[nodiscard]] std::size_t size() const;
  /// The file of each photo.
  [[nodiscard]] const std::vector<std::filesystem::path>& file_paths() const;
  /// Index into class_names, one per photo; empty without labels.
  [[nodiscard]] const std::vector<int>& labels() const;
  /// Names of the classes; empty without labels.
  [[nodiscard]] const std::vector<std::string>& class_names() const;
  /// PhotoList::label_sets of these photos; empty: each has one label.
  [[nodiscard]] const std::vector<std::vector<int>>& label_sets() const;
  /// PhotoList::targets of these photos, float32 (N, numbers); empty: they have none.
  [[nodiscard]] const Tensor& targets() const;
  /// PhotoList::groups of these photos; empty: none.
  [[nodiscard]] const std::vector<std::size_t>& groups() const;
  /// PhotoList::weights of these photos; empty: all count the same.
  [[nodiscard]] const std::vector<float>& weights() const;
  /// Every unused file with its reason: PhotoList::left_out and photos that could not be decoded;
  /// sorted by path.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const;

  /// What a person should know of the folders (PhotoList::notes) and photos, a sentence each: "3 photos:
  /// nearly black, such as a/1.tif".
  [[nodiscard]] const std::vector<std::string>& notes() const;

  /// One per photo, of its pixels at image_size; empty without LoadPhotosOptions::fingerprints.
  [[nodiscard]] const std::vector<Fingerprint>& fingerprints() const { return fingerprints_; }
  /// One per photo; empty without LoadPhotosOptions::measures.
  [[nodiscard]] const std::vector<PhotoFacts>& facts() const { return facts_; }

  /// Chosen photos (positions in file_paths()) as a Dataset over the same store: nothing is copied or
  /// decoded.
  [[nodiscard]] Dataset subset(std::span<const std::size_t> indices,
                               const DatasetOptions& options = {}) const;
  /// All of them.
  [[nodiscard]] Dataset all(const DatasetOptions& options = {}) const;

 private:
  std::shared_ptr<const SampleSource> source_;
  std::vector<Fingerprint> fingerprints_;
  std::vector<PhotoFacts> facts_;
};

/// Decodes every photo of a list once, in several threads, leaves out broken ones and keeps the order of the
/// others. Errors: Error{bad_file} naming a class without a readable photo, or when there is no readable
/// photo at all; Error{interrupted} when progress returns false.
[[nodiscard]] PhotoSet load_photos(const PhotoList& list, const LoadPhotosOptions& options = {},
                                   const LoadProgress& progress = {});

/// The part of a validation_split to load: Keras's subset.
enum class Subset {
  training,    ///< the files before the last ones
  validation,  ///< the last files, as many as validation_split specifies
  both,        ///< both parts; only for training_and_validation_from_directory()
};

/// Arguments of Keras's image_dataset_from_directory with its names and defaults, then graft's own.
struct ImageDatasetOptions {
  /// Keras's labels: true "inferred" from the sub-folders, false None.
  bool infer_labels = true;
  /// Keras's labels as a list: one per file, in the order of the sorted file paths. Sub-folders are then no
  /// classes.
  std::optional<std::vector<int>> labels;
  /// Form of the labels; none: the files of all sub-folders, without labels.
  LabelMode label_mode = LabelMode::integer;
  std::vector<std::string> class_names;   ///< sub-folders to use, in this order; empty: all, sorted
  ColorMode color_mode = ColorMode::rgb;  ///< channels of the photos
  std::int64_t batch_size = 32;           ///< photos per batch, at least 1
  Size2D image_size = {256, 256};         ///< height and width that every photo is resized to
  bool shuffle = true;                    ///< before the split and in each epoch; else sorted by path
  /// Below 2^32. Unset: 0 (Keras draws one). Required for validation_split with shuffle, as in Keras.
  std::optional<std::uint64_t> seed;
  /// Share of the files, above 0 and below 1, that validates: the last ones. Unset: there is one part.
  std::optional<double> validation_split;
  std::optional<Subset> subset;  ///< the part to load; set together with validation_split
  ResizeMethod interpolation = ResizeMethod::bilinear;  ///< filter of the resize
  bool follow_links = false;                            ///< follow symbolic links to folders below a class
  bool crop_to_aspect_ratio = false;                    ///< see ResizeOptions
  bool pad_to_aspect_ratio = false;                     ///< see ResizeOptions

  // graft's own.

  /// Keras ignores the EXIF orientation: Exif::ignore does the same.
  Exif exif = Exif::apply;
  /// accurate: as graft reads photos everywhere else, so that a photo has the same pixels in training and in
  /// Classifier. JpegDct::fast with Exif::ignore: the pixels of Keras, which decodes by TensorFlow.
  JpegDct jpeg_dct = JpegDct::accurate;
  std::int64_t max_pixels = kMaxPixels;       ///< larger photos are left out
  PixelType pixel_type = PixelType::float32;  ///< of the pixels that are kept
  /// Most bytes of pixels kept in memory; other photos are decoded again at each use.
  std::size_t cache_bytes = kDefaultCacheBytes;
  int threads = 0;        ///< number of threads that decode; 0: graft::num_threads()
  LoadProgress progress;  ///< empty: none
};

/// Both parts of a validation_split:
///   auto [training, validation] = training_and_validation_from_directory(...);
struct TrainingAndValidation {
  Dataset training;    ///< shuffled where ImageDatasetOptions::shuffle is set
  Dataset validation;  ///< in the order of the list
};

/// Keras's image_dataset_from_directory: the same class names, and for the same seed and validation_split the
/// same files in the same order (for folders without hidden files and with Keras's formats only). Every photo
/// is decoded once at the start; Dataset::left_out() lists the files that cannot be. They are removed after
/// the split, so they do not change which part a file belongs to. The order of a shuffled epoch is graft's
/// own. Errors: as list_photos and load_photos; Error{invalid_argument} where Keras raises ValueError, and
/// for subset both.
[[nodiscard]] Dataset image_dataset_from_directory(const std::filesystem::path& directory,
                                                   const ImageDatasetOptions& options = {});

/// The same with subset="both": both parts of a validation_split, which must be set; validation is not
/// shuffled. options.subset may be both or unset. left_out() of each part lists the unused files of the whole
/// folder.
[[nodiscard]] TrainingAndValidation training_and_validation_from_directory(
    const std::filesystem::path& directory, const ImageDatasetOptions& options);

}  // namespace graft::data

#pragma GCC visibility pop

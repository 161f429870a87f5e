// SPDX-License-Identifier: Apache-2.0
// What is unusual about a folder of photos (broken, duplicated, mislabelled, leaked, odd ones), which photos
// are near each other in feature space, and a map of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/execution.hpp"
#include "graft/image.hpp"
#include "graft/json_fwd.hpp"
#include "graft/photos.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {

inline namespace transfer {
struct TrainResult;  // graft/train.hpp
}

inline namespace inspect {

using data::measure_photo;
using data::PhotoMeasures;

/// A photo that was read.
struct InspectedPhoto {
  std::filesystem::path path;  ///< the file
  std::string part;            ///< "train", "validation" or "test"; empty: the folder has no parts
  int label = -1;              ///< index into Inspection::class_names; -1: no class
  PhotoMeasures measures;      ///< of its pixels
};

/// How alike two photos are.
enum class DuplicateKind {
  same_file,    ///< equal byte by byte
  same_pixels,  ///< other files, equal pixels
  similar,      ///< nearly equal: data::find_similar()
};
/// Two photos that show the same. Of a group of duplicates the pairs that connect it.
struct DuplicatePair {
  std::size_t first = 0;                        ///< number of a photo
  std::size_t second = 0;                       ///< number of a later photo
  DuplicateKind kind = DuplicateKind::similar;  ///< how alike they are
  bool other_class = false;                     ///< their classes differ: one of the labels is wrong
  std::string differs;                          ///< what differs, in words: "size 640 x 480 and 320 x 240"
};

/// The same photo in two parts: the model is judged by a photo that it learnt from.
struct LeakedPhoto {
  std::size_t photo = 0;  ///< number of the photo outside train (of two others, the later)
  std::size_t other = 0;  ///< number of the same photo in train (else in validation)
};

/// A label that the other photos contradict.
struct SuspectedLabel {
  std::size_t photo = 0;             ///< number of the photo
  int suggested = 0;                 ///< the class that it looks like, index into class_names
  double given_probability = 0;      ///< of its own class, by a head that has not seen it
  double suggested_probability = 0;  ///< of the suggested class
};

/// A photo unlike all others.
struct Outlier {
  std::size_t photo = 0;  ///< number of the photo
  double distance = 0;    ///< mean cosine distance to its nearest others in feature space, 0 to 2
  double typical = 0;     ///< the same of the photo in the middle
};

/// What may be wrong with a photo's picture.
enum class PictureFault {
  dark,        ///< nearly all of it is dark
  bright,      ///< nearly all of it is bright
  flat,        ///< it shows hardly any differences in brightness
  blurred,     ///< its edges are blurred
  odd_size,    ///< much smaller or larger than the other photos
  odd_aspect,  ///< much longer or narrower than the other photos
};
/// "dark", "bright", "flat", "blurred", "odd_size", "odd_aspect".
[[nodiscard]] std::string_view to_string(PictureFault fault);
/// One such photo.
struct FaultyPicture {
  std::size_t photo = 0;                    ///< number of the photo
  PictureFault fault = PictureFault::dark;  ///< what is unusual
  double value = 0;  ///< the measure that shows it: of odd_size the longer side in pixels,
                     ///< of odd_aspect longer side / shorter side
  double limit = 0;  ///< the limit that it is beyond
};

/// Photos of one class.
struct ClassCount {
  std::string name;            ///< the class
  std::size_t train = 0;       ///< number of photos in train, or in all where there are no parts
  std::size_t validation = 0;  ///< number of photos in validation
  std::size_t test = 0;        ///< number of photos in test
};

/// Limits from which a photo is reported.
struct InspectLimits {
  double dark = 60;                ///< PhotoMeasures::bright below this
  double bright = 195;             ///< PhotoMeasures::dark above this
  double flat = 6;                 ///< PhotoMeasures::contrast below this
  double blurred = 0.6;            ///< PhotoMeasures::blur above this
  double odd_size = 4;             ///< longer side this many times longer or shorter than the median
  double odd_aspect = 2.5;         ///< longer side / shorter side this many times the median
  data::SimilarOptions similar{};  ///< when two photos are nearly equal
  double outlier = 4;  ///< logarithm of the distance above the median by this many deviations (1.4826 median
                       ///< absolute deviations)
};

/// How photos are inspected.
struct InspectOptions {
  /// The network whose features show wrong labels and outliers: a name of applications::catalogue(), or a
  /// model file. Empty: the most accurate network whose weights are on this computer; without one these two
  /// are left out, and a note says so.
  std::string model{};
  std::string weights = "imagenet";     ///< of an architecture: as classify::load_pretrained accepts them
  bool features = true;                 ///< false: no network; wrong labels and outliers are not looked for
  InspectLimits limits{};               ///< from when a photo is reported
  std::size_t neighbours = 5;           ///< of which Outlier::distance is the mean
  std::uint64_t seed = 42;              ///< of the folds
  data::ListOptions listing{};          ///< exclude, class_names, follow_links and labels
  data::Exif exif = data::Exif::apply;  ///< how photos are turned
  Execution execution{};                ///< threads and precision
  /// Called from the calling thread: the stage ("photos", "labels", "outliers"), steps done and in all.
  /// Return false to stop: Error{interrupted}.
  std::function<bool(std::string_view stage, std::size_t done, std::size_t total)> progress{};
};

/// Everything that was found. Photos are numbered as in `photos`.
struct Inspection {
  std::filesystem::path folder;           ///< that was inspected
  std::vector<InspectedPhoto> photos;     ///< those that could be read, part by part in list_photos' order
  std::vector<std::string> class_names;   ///< empty: the folder has no classes
  std::vector<ClassCount> counts;         ///< one a class
  std::vector<data::LeftOut> left_out;    ///< files that could not be read, or are no photos
  std::vector<DuplicatePair> duplicates;  ///< pairs of equal and nearly equal photos
  std::vector<LeakedPhoto> leaks;         ///< photos in two parts
  std::vector<SuspectedLabel> labels;     ///< the most doubtful first
  std::vector<Outlier> outliers;          ///< the farthest first
  std::vector<FaultyPicture> faults;      ///< by fault, the worst first
  std::string network;                    ///< whose features were used; empty: none
  Tensor probabilities;  ///< float32 (photos, classes) by heads that have not seen the photo; empty: none
  double label_accuracy = 0;       ///< of the cross-validated head, 0..1: how far the labels can be judged
  std::vector<std::string> notes;  ///< what a person should know, a sentence each
};

/// Inspects the photos of a folder: with class folders, with train/, validation/ and test/ that hold them, or
/// with photos only. Changes nothing. Deterministic. Errors: as data::find_layout and data::list_photos, but
/// a photo that cannot be read is no error; as classify::load_pretrained; Error{interrupted}.
[[nodiscard]] Inspection inspect_photos(const std::filesystem::path& folder,
                                        const InspectOptions& options = {});

/// How the photos of a training run are inspected.
struct RunInspectOptions {
  InspectLimits limits{};               ///< from when a photo is reported
  data::Exif exif = data::Exif::apply;  ///< how photos are turned
  Execution execution{};                ///< threads
  /// Called from the calling thread: the stage ("photos"), steps done and in all. Return false to stop:
  /// Error{interrupted}.
  std::function<bool(std::string_view stage, std::size_t done, std::size_t total)> progress{};
};

/// Inspects the photos that train() has just used, with what the run knows already. Of several labels a photo
/// each set of labels is a class, "cat|dog", and labels are not judged; of numbers there are no classes. Else
/// suspected labels from
/// its answers for photos that what answered had not seen, outliers from TrainResult::distances, duplicates
/// and faults from TrainResult::loaded, without which the photos are read once more.
/// Inspection::probabilities stays empty: they are in TrainResult::answers, which all photos have. Errors:
/// Error{interrupted}.
[[nodiscard]] Inspection inspect_run(const TrainResult& result, const RunInspectOptions& options = {});

/// Labels that contradict probabilities (N, K) of heads that have not seen the photo, by confident learning
/// (Northcutt, Jiang and Chuang 2021, "prune by noise rate"): a class's threshold is the mean probability of
/// the class over the photos that have its label. Each photo counts for its most probable class above its
/// threshold; scaled to all photos of its label, that is how many labels are wrong. As many photos are
/// suspected, by the largest lead of the other class's probability, unless the own class is the most
/// probable. Sorted by the probability of the own class less that of the most probable one, lowest first.
///   labels  N classes, 0 to K - 1
/// Errors: Error{shape_mismatch}; Error{invalid_argument} for a label out of range.
[[nodiscard]] std::vector<SuspectedLabel> find_label_errors(const Tensor& probabilities,
                                                            std::span<const int> labels);

/// One list of findings as rows of text, the first column being the photo's path.
struct FindingList {
  std::string name;  ///< "unreadable", "duplicates", "leaks", "labels", "outliers", or a fault's
  std::vector<std::string> columns;            ///< head line
  std::vector<std::vector<std::string>> rows;  ///< one a finding
  std::vector<std::filesystem::path> photos;   ///< the photo of each row that would be moved away
};
/// All lists, also empty ones, in a fixed order. Of a pair of duplicates the later photo would be moved.
[[nodiscard]] std::vector<FindingList> finding_lists(const Inspection& inspection);
/// The names of these lists, in that order.
[[nodiscard]] std::vector<std::string> finding_list_names();

/// Everything as one JSON object.
[[nodiscard]] Json to_json(const Inspection& inspection);

/// Writes inspection.json and one CSV a list (labels.csv, ...) into a folder, which is made where it is
/// missing; with Inspection::probabilities also probabilities.csv. Each file whole or not at all; those of an
/// earlier inspection are replaced. Errors: Error{io}.
void write_inspection(const std::filesystem::path& folder, const Inspection& inspection);

/// A file that was moved.
struct MovedPhoto {
  std::filesystem::path from;  ///< where it was
  std::filesystem::path to;    ///< where it is
};
/// Moves the photos of lists to folder/LIST/PATH, PATH below the inspected folder. A photo in several lists
/// is moved once. Nothing is overwritten. folder/undo.sh, written before the first move, moves them back.
/// Errors: Error{invalid_argument} for a name that is no list, a target that exists, or a folder below
/// the inspected one (checked before anything is moved); Error{io} naming the file; what was moved stays so.
[[nodiscard]] std::vector<MovedPhoto> move_photos(const Inspection& inspection,
                                                  std::span<const std::string> lists,
                                                  const std::filesystem::path& folder);

/// Pooled features of photos.
struct PhotoFeatures {
  std::vector<std::filesystem::path> files;  ///< those that could be read
  std::vector<int> labels;                   ///< index into class_names, one a file; empty without classes
  std::vector<std::string> class_names;      ///< empty without classes
  Tensor rows;                               ///< float32 (files, D)
  std::vector<data::LeftOut> left_out;       ///< files that could not be read
  std::vector<std::string> notes;            ///< Classifier::notes() of a model file
};

/// How features are computed.
struct FeatureOptions {
  /// Of an architecture: as classify::load_pretrained accepts them. Of a .json: its file of weights.
  std::string weights = "imagenet";
  data::Exif exif = data::Exif::apply;  ///< how photos are turned
  Execution execution{};                ///< threads and precision
  /// Photos done and in all. Return false to stop: Error{interrupted}.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

/// Features of a list's photos, before the classifier of a network: a name of applications::catalogue() or a
/// model file. Errors: as classify::load_pretrained and Classifier::open.
[[nodiscard]] PhotoFeatures compute_features(const std::string& model, const data::PhotoList& photos,
                                             const FeatureOptions& options = {});

/// A photo and how far it is.
struct SimilarPhoto {
  std::size_t photo = 0;  ///< index into PhotoFeatures::files
  double distance = 0;    ///< cosine distance of the features, 0 (alike) to 2
};
/// The photos nearest to each query (rows (n, D) of the same network), nearest first, equal ones by number.
/// Errors: Error{shape_mismatch}.
[[nodiscard]] std::vector<std::vector<SimilarPhoto>> most_similar(const PhotoFeatures& photos,
                                                                  const Tensor& queries, std::size_t count);

/// A map of features.
struct FeaturePlane {
  std::vector<std::array<double, 2>> points;  ///< (x, y), one a row
  std::array<double, 2> explained{};          ///< share of the variance along x and along y, 0..1
};
/// The two principal components of rows (N, D), each row first divided by its length: the directions of
/// largest variance, by orthogonal iteration in double, the same on every run. The sign of each is such that
/// its coordinate of largest magnitude is positive. Errors: Error{shape_mismatch} for other than rows.
[[nodiscard]] FeaturePlane principal_plane(const Tensor& rows);

/// How a map by neighbourhoods is made.
struct NeighbourMapOptions {
  double perplexity = 30;  ///< number of neighbours that count, roughly; at most a third of the other rows
  int steps = 1000;        ///< of each descent, the first 250 with attraction times 12
  /// Steps done and in all, from the calling thread. Return false to stop: Error{interrupted}.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};
/// A map on which rows (N, D) that are near each other stay near: t-SNE (van der Maaten 2014, Barnes and
/// Hut's approximation with an angle of 0.5), of rows divided by their length, in their 50 principal
/// components, from their principal plane; the other settings are scikit-learn's. Up to 300 rows are
/// descended from four planes, and the map with the least divergence is kept. The axes and distances between
/// far groups mean nothing. The same on every run, whatever the number of threads. Errors:
/// Error{shape_mismatch}; Error{invalid_argument}.
[[nodiscard]] std::vector<std::array<double, 2>> neighbour_map(const Tensor& rows,
                                                               const NeighbourMapOptions& options = {});

}  // namespace inspect
}  // namespace graft

#pragma GCC visibility pop

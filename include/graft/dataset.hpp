// SPDX-License-Identifier: Apache-2.0
// Data sets that deliver batches, and their augmentation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/hash.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// Form of the labels of a batch: Keras's label_mode.
enum class LabelMode {
  integer,      ///< "int": int32 (N,), the class
  categorical,  ///< float32 (N, K), one-hot
  binary,       ///< float32 (N, 1), 0 or 1
  none,         ///< no labels
};
/// "int", "categorical", "binary", "none".
[[nodiscard]] std::string_view to_string(LabelMode mode);

/// The samples of one training step.
struct Batch {
  Tensor images;                     ///< float32 (N, H, W, C), raw 0..255 for photos
  Tensor labels;                     ///< see LabelMode; empty for none
  std::vector<std::size_t> indices;  ///< positions of the samples in the Dataset
};

/// How a Dataset delivers its samples.
struct DatasetOptions {
  std::int64_t batch_size = 32;  ///< samples per batch, at least 1
  bool shuffle = false;          ///< another random order in each epoch; else as stored
  /// Determines, with the epoch's number, the order of a shuffled epoch.
  std::uint64_t seed = 0;
  LabelMode label_mode = LabelMode::integer;  ///< form of the labels; samples without labels have none
  /// For tensors: names of the classes; empty: "0", "1", ... Ignored for photos, which have their own.
  std::vector<std::string> class_names;
  /// Threads that decode photos that are not in memory, ahead of use; 0: graft::num_threads().
  int threads = 0;
};

struct LeftOut;  // photos.hpp
/// The source of a Dataset's samples (private).
class SampleSource;
/// The implementation of one pass (private).
class BatchQueue;

/// One pass over a Dataset. Movable. It may outlive the Dataset; destroying it early stops its threads.
/// Threads: one user at a time.
class BatchIterator {
 public:
  /// For graft's own use: Dataset::iterate() returns one.
  explicit BatchIterator(std::unique_ptr<BatchQueue> queue);
  BatchIterator(BatchIterator&& other) noexcept;  ///< other is then at its end
  BatchIterator& operator=(BatchIterator&& other) noexcept;
  BatchIterator(const BatchIterator&) = delete;  ///< a pass cannot be copied
  BatchIterator& operator=(const BatchIterator&) = delete;
  ~BatchIterator();

  /// The next batch; nothing after the last. Rethrows errors of worker threads: Error{bad_file} or Error{io}
  /// when a photo is no longer readable.
  [[nodiscard]] std::optional<Batch> next();

 private:
  std::unique_ptr<BatchQueue> queue_;
};

/// Samples in batches, for Model::fit, evaluate and predict. A light handle: copies share the pixels.
/// Determinism: the batches of an epoch depend only on samples, options and epoch, never on the number of
/// threads. Threads: const members may be called from several threads; do not share a BatchIterator between
/// threads.
class Dataset {
 public:
  /// Samples from memory. images: float32 or uint8 (N, H, W, C) (or any (N, ...)); shared, not copied.
  /// labels: int32 or int64 (N,), encoded by options.label_mode; or float32 (N, ...), used unchanged; or
  /// empty, for none. Errors: Error{shape_mismatch}; Error{invalid_argument} for a negative label, batch_size
  /// < 1 or binary labels of more than two classes.
  [[nodiscard]] static Dataset from_tensors(const Tensor& images, const Tensor& labels = {},
                                            const DatasetOptions& options = {});
  /// All samples of a source, whose integer labels are `labels` (empty: none). For graft's own use.
  Dataset(std::shared_ptr<const SampleSource> source, std::vector<std::size_t> rows, DatasetOptions options);

  /// Number of samples.
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// Samples per batch.
  [[nodiscard]] std::int64_t batch_size() const { return options_.batch_size; }
  /// Batches of an epoch: size() / batch_size(), rounded up; the last may be smaller.
  [[nodiscard]] std::size_t batches() const;
  /// Height and width of a sample; 0 x 0 where samples are not (H, W, C).
  [[nodiscard]] Size2D image_size() const;
  /// Shape of a sample without N: (H, W, C).
  [[nodiscard]] const Shape& sample_shape() const;
  /// Names of the classes, by class number; without integer labels those of DatasetOptions.
  [[nodiscard]] const std::vector<std::string>& class_names() const;
  /// Number of classes: K.
  [[nodiscard]] std::size_t num_classes() const { return class_names().size(); }
  /// Form of the labels of a batch; none where there are no labels.
  [[nodiscard]] LabelMode label_mode() const { return options_.label_mode; }
  /// The options in use; label_mode and class_names are those of the samples.
  [[nodiscard]] const DatasetOptions& options() const { return options_; }
  /// The class of each sample; empty where there are no integer labels.
  [[nodiscard]] std::vector<int> labels() const;
  /// The classes of each sample that may have several (PhotoList::label_sets); empty: they have one, or none.
  /// The labels of a batch are then float32 (N, K), whatever the label mode.
  [[nodiscard]] std::vector<std::vector<int>> label_sets() const;
  /// The numbers of each sample (PhotoList::targets), float32 (N, numbers); empty: they have none. They are
  /// the labels of a batch, whatever the label mode.
  [[nodiscard]] Tensor targets() const;
  /// How much each sample counts in the loss of a head (PhotoList::weights); empty: all the same.
  [[nodiscard]] std::vector<float> weights() const;
  /// The file of each sample; empty for tensors.
  [[nodiscard]] std::vector<std::filesystem::path> file_paths() const;
  /// Files that were found together with these photos but cannot be used, and why; empty for tensors.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const;
  /// A hash of everything that determines a sample's elements: its file's bytes, and how they are decoded and
  /// resized. Empty for tensors, and for photos loaded without LoadPhotosOptions::sample_keys.
  [[nodiscard]] std::vector<Hash128> sample_keys() const;

  /// One pass. Order: as stored, or with shuffle a random one that depends on (seed, epoch). first_batch: the
  /// number of batches to skip, unread.
  [[nodiscard]] BatchIterator iterate(std::uint64_t epoch = 0, std::size_t first_batch = 0) const;
  /// The order of that pass: positions of the samples.
  [[nodiscard]] std::vector<std::size_t> order(std::uint64_t epoch) const;
  /// The given samples as one batch, in this order.
  [[nodiscard]] Batch gather(std::span<const std::size_t> indices) const;
  /// The given samples as a new Dataset that shares the pixels. Error{invalid_argument} for an index
  /// outside.
  [[nodiscard]] Dataset subset(std::span<const std::size_t> indices, const DatasetOptions& options) const;
  /// The same samples under other options (batch size, order, label mode).
  [[nodiscard]] Dataset with_options(const DatasetOptions& options) const;

 private:
  std::shared_ptr<const SampleSource> source_;
  std::vector<std::size_t> rows_;
  DatasetOptions options_;
};

// Changes of training batches, pixels and labels: Keras 3.15's layers MixUp,
// CutMix, RandomErasing and RandAugment, with their names, arguments, defaults and ranges. Numbers are
// graft's own.

/// One change of batches. Immutable, safe to share between threads.
class Augmentation {
 public:
  virtual ~Augmentation() = default;
  /// Changes batch.images, float32 (N, H, W, C), and for the kinds that mix labels also batch.labels. The
  /// same key causes the same change. The tensors are replaced, not modified. Throws Error{invalid_argument}
  /// where labels are not distributions.
  virtual void apply(Batch& batch, std::uint64_t key) const = 0;
  /// Keras's class name.
  [[nodiscard]] virtual std::string name() const = 0;
};
/// A shared augmentation, as FitOptions::augment holds it.
using AugmentationPtr = std::shared_ptr<const Augmentation>;

/// A range of values from which one is drawn.
struct RangeFromZero {
  double low = 0;   ///< smallest value
  double high = 0;  ///< largest value
  constexpr RangeFromZero() = default;
  /// From 0 to `most`, as Keras reads one number.
  // NOLINTNEXTLINE(google-explicit-constructor): factor = 0.5 should read as in Keras
  constexpr RangeFromZero(double most) : high(most) {}
  /// From `least` to `most`.
  constexpr RangeFromZero(double least, double most) : low(least), high(most) {}
};

/// Arguments of Keras's MixUp.
struct MixUpOptions {
  double alpha = 0.2;                 ///< of the Beta(alpha, alpha) distribution of the mixing ratio; above 0
  std::optional<std::uint64_t> seed;  ///< combined with the key of Augmentation::apply(); unset: 0
};
/// Each photo is blended with another of the batch, and so are their labels, float32 (N, K) (Zhang et al.
/// 2018).
[[nodiscard]] AugmentationPtr MixUp(const MixUpOptions& options = {});

/// Arguments of Keras's CutMix.
struct CutMixOptions {
  RangeFromZero factor = 1.0;         ///< the Beta distribution's parameter is drawn from it; 0 to 1
  std::optional<std::uint64_t> seed;  ///< combined with the key of Augmentation::apply(); unset: 0
};
/// A rectangle of each photo is replaced by another photo's; labels (N, K) are mixed by area (Yun et al.
/// 2019).
[[nodiscard]] AugmentationPtr CutMix(const CutMixOptions& options = {});

/// Arguments of Keras's RandomErasing.
struct RandomErasingOptions {
  RangeFromZero factor = 1.0;         ///< probability of erasing, drawn for each photo; 0 to 1
  RangeFromZero scale{0.02, 0.33};    ///< squares of the rectangle's height and width as parts of the photo's
  std::optional<double> fill_value;   ///< unset: normal noise times value_range's high
  RangeFromZero value_range{0, 255};  ///< of the pixels: what is written is limited to it
  std::optional<std::uint64_t> seed;  ///< combined with the key of Augmentation::apply(); unset: 0
};
/// A rectangle of some photos becomes noise or one value (Zhong et al. 2017).
[[nodiscard]] AugmentationPtr RandomErasing(const RandomErasingOptions& options = {});

/// Arguments of Keras's RandAugment.
struct RandAugmentOptions {
  RangeFromZero value_range{0, 255};  ///< of the pixels: black and white
  std::int64_t num_ops = 2;           ///< changes of each batch, one after the other; 0 to 100
  RangeFromZero factor = 0.5;         ///< their strength, 0 to 1
  std::optional<std::uint64_t> seed;  ///< combined with the key of Augmentation::apply(); unset: 0
};
/// num_ops of Keras's eleven changes, drawn for a batch, their strengths for each photo (Cubuk et al. 2019):
/// shear, translation, rotation, brightness, colour degeneration, contrast, sharpness, posterisation,
/// solarisation, auto-contrast, equalisation. Photos of one or three channels.
[[nodiscard]] AugmentationPtr RandAugment(const RandAugmentOptions& options = {});

/// By names with an optional strength: "mixup", "cutmix", "erasing", "randaugment", "randaugment=0.3". Throws
/// Error{invalid_argument} listing the known ones.
[[nodiscard]] AugmentationPtr augmentation_from_name(const std::string& name);
/// True where labels must be float32 (N, K).
[[nodiscard]] bool mixes_labels(const Augmentation& augmentation);

}  // namespace graft::data

#pragma GCC visibility pop

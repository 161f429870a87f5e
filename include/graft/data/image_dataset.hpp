// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/data/photo_set.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// The part of a validation_split to load.
enum class Subset { training, validation, both };

/// Arguments of Keras's image_dataset_from_directory with its names and defaults, then graft's own.
struct ImageDatasetOptions {
  /// Keras's labels: true "inferred" from the sub-folders, false None.
  bool infer_labels = true;
  /// Keras's labels as a list: one per file, in the order of the sorted file paths. Sub-folders are then no
  /// classes.
  std::optional<std::vector<int>> labels;
  LabelMode label_mode = LabelMode::integer;
  std::vector<std::string> class_names;
  ColorMode color_mode = ColorMode::rgb;
  std::int64_t batch_size = 32;
  Size2D image_size = {256, 256};
  bool shuffle = true;
  /// Below 2^32. Unset: 0 (Keras draws one). Required for validation_split with shuffle, as in Keras.
  std::optional<std::uint64_t> seed;
  std::optional<double> validation_split;
  std::optional<Subset> subset;
  ResizeMethod interpolation = ResizeMethod::bilinear;
  bool follow_links = false;
  bool crop_to_aspect_ratio = false;
  bool pad_to_aspect_ratio = false;

  /// graft's own. Keras ignores the EXIF orientation: Exif::ignore does the same.
  Exif exif = Exif::apply;
  /// accurate: as graft reads photos everywhere else, so that a photo has the same pixels in training and in
  /// Classifier. JpegDct::fast with Exif::ignore: the pixels of Keras, which decodes by TensorFlow.
  JpegDct jpeg_dct = JpegDct::accurate;
  std::int64_t max_pixels = kMaxPixels;
  PixelType pixel_type = PixelType::float32;
  std::size_t cache_bytes = kDefaultCacheBytes;
  int threads = 0;
  LoadProgress progress;
};

/// auto [training, validation] = training_and_validation_from_directory(...)
struct TrainingAndValidation {
  Dataset training;
  Dataset validation;
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

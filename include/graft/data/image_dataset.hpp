// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/data/photo_set.hpp"

namespace graft::data {

/// Which part of a validation_split is wanted.
enum class Subset { training, validation, both };

/// Arguments of Keras's image_dataset_from_directory, with its names and defaults, and graft's own below
/// them.
struct ImageDatasetOptions {
  /// Keras's labels: true "inferred" from the sub-folders, false None.
  bool infer_labels = true;
  /// Keras's labels as a list: one a file, in the order of the sorted file paths. Sub-folders then mean
  /// nothing.
  std::optional<std::vector<int>> labels;
  LabelMode label_mode = LabelMode::integer;
  std::vector<std::string> class_names;
  ColorMode color_mode = ColorMode::rgb;
  std::int64_t batch_size = 32;
  Size2D image_size = {256, 256};
  bool shuffle = true;
  /// Below 2^32. Without one it is 0 (Keras draws one), but validation_split with shuffle asks for one, as in
  /// Keras.
  std::optional<std::uint64_t> seed;
  std::optional<double> validation_split;
  std::optional<Subset> subset;
  Interpolation interpolation = Interpolation::bilinear;
  bool follow_links = false;
  bool crop_to_aspect_ratio = false;
  bool pad_to_aspect_ratio = false;

  /// graft's own. Keras ignores the EXIF orientation: Exif::ignore gives its pictures.
  Exif exif = Exif::apply;
  /// As TensorFlow, so that with Exif::ignore the pixels equal Keras's.
  JpegDct jpeg_dct = JpegDct::fast;
  std::int64_t max_pixels = kMaxPixels;
  PixelType pixel_type = PixelType::float32;
  std::size_t cache_bytes = kDefaultCacheBytes;
  int threads = 0;
  LoadProgress progress;
};

/// A Dataset of photos together with the files that it does not use.
struct ImageDataset : Dataset {
  ImageDataset(Dataset dataset, std::vector<LeftOut> files)
      : Dataset(std::move(dataset)), left_out(std::move(files)) {}
  std::vector<LeftOut> left_out;
};

/// auto [training, validation] = image_datasets_from_directory(...)
struct ImageDatasets {
  ImageDataset training;
  ImageDataset validation;
};

/// Keras's image_dataset_from_directory: the same class names, and for the same seed and validation_split the
/// same files in the same order (on folders without hidden files and other formats than Keras's). Every photo
/// is decoded once at the start; those that cannot be are left out after the split, so they do not change who
/// lands where. The order of a shuffled epoch is graft's own. Errors: as list_photos and load_photos;
/// Error{invalid_argument} as Keras raises ValueError, and for subset both.
[[nodiscard]] ImageDataset image_dataset_from_directory(const std::filesystem::path& directory,
                                                        const ImageDatasetOptions& options = {});

/// subset="both": the two parts at once; validation is not shuffled. Asks for validation_split;
/// options.subset may be both or unset.
[[nodiscard]] ImageDatasets image_datasets_from_directory(const std::filesystem::path& directory,
                                                          const ImageDatasetOptions& options);

}  // namespace graft::data

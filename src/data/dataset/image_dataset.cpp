// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/photos.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

void check(const ImageDatasetOptions& options) {
  const auto refuse = [](const auto&... parts) { fail(ErrorKind::invalid_argument, parts...); };
  if (options.validation_split && !(*options.validation_split > 0.0 && *options.validation_split < 1.0))
    refuse("validation_split: expected a number between 0 and 1, received ", *options.validation_split);
  if (options.validation_split.has_value() != options.subset.has_value())
    refuse("subset and validation_split go together: set both or none");
  if (options.validation_split && options.shuffle && !options.seed)
    refuse("validation_split with shuffle needs a seed, so that the two parts never overlap");
  if (options.seed && *options.seed > 0xFFFFFFFFULL)
    refuse("seed: expected a number below 2^32, received ", *options.seed);
  if (options.labels && !options.class_names.empty())
    refuse("class_names can only be given when labels are inferred from folders");
}

/// Keras's explicit labels: class names are the labels themselves, in order.
void set_labels(const std::vector<int>& labels, PhotoList& list) {
  if (labels.size() != list.paths.size()) {
    fail(ErrorKind::invalid_argument, "labels: expected one for each of the ", list.paths.size(),
         " files found, received ", labels.size());
  }
  const std::set<int> classes(labels.begin(), labels.end());
  int next = 0;
  for (const int label : classes) {
    if (label != next++)
      fail(ErrorKind::invalid_argument, "labels: expected 0, 1, ... without a gap, received ", label);
    list.class_names.push_back(std::to_string(label));
  }
  list.labels = labels;
}

PhotoList listed(const fs::path& directory, const ImageDatasetOptions& options) {
  const bool has_labels = options.label_mode != LabelMode::none;
  const bool inferred = has_labels && options.infer_labels && !options.labels;
  PhotoList list = list_photos(
      directory,
      {.infer_labels = inferred, .class_names = options.class_names, .follow_links = options.follow_links});
  if (has_labels && options.labels) set_labels(*options.labels, list);
  if (options.label_mode == LabelMode::binary && !list.labels.empty() && list.class_names.size() != 2) {
    fail(ErrorKind::invalid_argument, "label_mode binary: expected 2 classes, received ",
         list.class_names.size());
  }
  if (!options.shuffle) return list;
  // Keras shuffles files and labels apart, with two generators of the same seed: the same order for both.
  const PhotoList sorted = list;
  const auto seed = static_cast<std::uint32_t>(options.seed.value_or(0));
  const std::vector<std::size_t> order = numpy_permutation(sorted.paths.size(), seed);
  for (std::size_t i = 0; i < order.size(); ++i) {
    list.paths[i] = sorted.paths[order[i]];
    if (!list.labels.empty()) list.labels[i] = sorted.labels[order[i]];
  }
  return list;
}

/// Photos [begin, end) of a list, without its left_out.
PhotoList part(const PhotoList& list, std::size_t begin, std::size_t end) {
  PhotoList result{.class_names = list.class_names, .left_out = {}};
  const auto first = static_cast<std::ptrdiff_t>(begin);
  const auto last = static_cast<std::ptrdiff_t>(end);
  result.paths.assign(list.paths.begin() + first, list.paths.begin() + last);
  if (!list.labels.empty()) result.labels.assign(list.labels.begin() + first, list.labels.begin() + last);
  return result;
}

/// Position of the first validation file: Keras uses the last ones.
std::size_t border(const PhotoList& list, const fs::path& directory, const ImageDatasetOptions& options) {
  const std::size_t all = list.paths.size();
  const auto validation = static_cast<std::size_t>(*options.validation_split * static_cast<double>(all));
  if (validation == 0 || validation == all) {
    fail(ErrorKind::invalid_argument, "validation_split ", *options.validation_split, " of the ", all,
         " files in ", directory.string(), " leaves one part empty");
  }
  return all - validation;
}

LoadPhotosOptions load_options(const ImageDatasetOptions& options) {
  LoadPhotosOptions load;
  load.image_size = options.image_size;
  load.resize = {.interpolation = options.interpolation,
                 .crop_to_aspect_ratio = options.crop_to_aspect_ratio,
                 .pad_to_aspect_ratio = options.pad_to_aspect_ratio};
  load.decode = {.color_mode = options.color_mode,
                 .exif = options.exif,
                 .jpeg_dct = options.jpeg_dct,
                 .max_pixels = options.max_pixels};
  load.pixel_type = options.pixel_type;
  load.cache_bytes = options.cache_bytes;
  load.threads = options.threads;
  return load;
}

DatasetOptions dataset_options(const ImageDatasetOptions& options, bool shuffle) {
  return {.batch_size = options.batch_size,
          .shuffle = shuffle,
          .seed = options.seed.value_or(0),
          .label_mode = options.label_mode,
          .threads = options.threads};
}

/// A part may lack a class. But if it holds all files of a class and none of them can be read, the class is
/// lost.
void check_classes(const PhotoList& all, const PhotoList& loaded, const PhotoSet& photos) {
  for (std::size_t label = 0; label < all.class_names.size(); ++label) {
    const auto count = [&](const std::vector<int>& labels) {
      return std::count(labels.begin(), labels.end(), static_cast<int>(label));
    };
    if (count(photos.labels()) == 0 && count(loaded.labels) == count(all.labels))
      fail(ErrorKind::bad_file, "class '", all.class_names[label],
           "' is left without a photo that can be read");
  }
}

Dataset load_part(const PhotoList& all, const PhotoList& wanted, const ImageDatasetOptions& options) {
  LoadPhotosOptions load = load_options(options);
  load.require_every_class = false;
  PhotoList list = wanted;
  list.left_out = all.left_out;
  const PhotoSet photos = load_photos(list, load, options.progress);
  check_classes(all, wanted, photos);
  return photos.all(dataset_options(options, options.shuffle));
}

}  // namespace

Dataset image_dataset_from_directory(const fs::path& directory, const ImageDatasetOptions& options) {
  check(options);
  if (options.subset == Subset::both)
    fail(ErrorKind::invalid_argument,
         "subset both means two datasets: call training_and_validation_from_directory");
  const PhotoList list = listed(directory, options);
  if (!options.validation_split) return load_part(list, list, options);
  const std::size_t middle = border(list, directory, options);
  const bool training = *options.subset == Subset::training;
  return load_part(list, training ? part(list, 0, middle) : part(list, middle, list.paths.size()), options);
}

TrainingAndValidation training_and_validation_from_directory(const fs::path& directory,
                                                             const ImageDatasetOptions& options) {
  ImageDatasetOptions both = options;
  if (!both.subset) both.subset = Subset::both;
  check(both);
  if (both.subset != Subset::both || !both.validation_split) {
    fail(ErrorKind::invalid_argument,
         "training_and_validation_from_directory loads both parts: set validation_split, and subset to both "
         "or not at "
         "all");
  }
  const PhotoList list = listed(directory, both);
  const std::size_t middle = border(list, directory, both);
  const PhotoSet photos = load_photos(list, load_options(both), both.progress);
  std::vector<std::size_t> training;
  std::vector<std::size_t> validation;
  // The readable photos keep the list's order.
  for (std::size_t i = 0, kept = 0; i < list.paths.size() && kept < photos.size(); ++i) {
    if (list.paths[i] != photos.file_paths()[kept]) continue;
    (i < middle ? training : validation).push_back(kept++);
  }
  return {.training = photos.subset(training, dataset_options(both, both.shuffle)),
          .validation = photos.subset(validation, dataset_options(both, false))};
}

}  // namespace graft::data

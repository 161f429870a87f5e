// SPDX-License-Identifier: Apache-2.0
#include "transfer/load_parts.hpp"

#include <algorithm>

#include "graft/base/error.hpp"

#include "transfer/known_photos.hpp"

namespace graft::transfer {
namespace {

using Indices = std::vector<std::size_t>;

// Of few photos a larger part is held back: a tenth of 200 would say little.
constexpr std::size_t kFewPhotos = 1000;
constexpr double kTestFew = 0.2, kTestMany = 0.1, kValidation = 0.15;
constexpr double kKerasValidation = 0.2;

data::PhotoSet load(const std::filesystem::path& folder, const std::vector<std::string>& class_names,
                    const TrainOptions& options, Size2D image_size, Reporter& reporter) {
  const data::PhotoList list = data::list_photos(folder, {.class_names = class_names});
  data::LoadOptions load_options{.image_size = image_size,
                                 .pixel_type = data::PixelType::uint8,
                                 .cache_bytes = options.pixel_bytes,
                                 .disk_cache_bytes = options.disk_bytes};
  load_options.decode.exif = options.exif;
  // The tutorial needs all pixels in every epoch, the others none where the features are known too.
  if (options.disk_cache.use && options.recipe != Recipe::tutorial)
    load_options.known = std::make_shared<CachedKnownPhotos>(options.disk_cache);
  return data::load_photos(list, load_options, [&](std::size_t done, std::size_t total) {
    return reporter.update("photos", done, total, "photos");
  });
}

}  // namespace

Folders find_folders(const std::filesystem::path& photos, const TrainOptions& options) {
  Folders folders{photos, options.validation, options.test};
  const data::Layout layout = data::find_layout(photos);
  if (!layout.has_parts()) return folders;
  folders.train = *layout.train;
  if (folders.validation.empty() && layout.validation) folders.validation = *layout.validation;
  if (folders.test.empty() && layout.test) folders.test = *layout.test;
  return folders;
}

Split split_stratified(const std::vector<int>& labels, bool needs_validation, bool needs_test,
                       std::uint64_t seed) {
  const double test = needs_test ? (labels.size() < kFewPhotos ? kTestFew : kTestMany) : 0;
  const double validation = needs_validation ? (1 - test) * kValidation : 0;
  const std::vector<double> fractions{1 - test - validation, validation, test};
  std::vector<Indices> parts = data::stratified_split(labels, fractions, seed);
  return {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
}

namespace {

Split split_as_keras(std::size_t count, bool needs_validation, bool needs_test, std::uint64_t seed) {
  const Indices order = data::numpy_permutation(count, static_cast<std::uint32_t>(seed));
  const auto validation = needs_validation || needs_test
                              ? static_cast<std::size_t>(kKerasValidation * static_cast<double>(count))
                              : std::size_t{0};
  const auto cut = order.end() - static_cast<std::ptrdiff_t>(validation);
  Split split{{order.begin(), cut}, {cut, order.end()}, {}};
  if (needs_test) {
    const auto fifth = static_cast<std::ptrdiff_t>(validation / 5);
    split.test.assign(split.validation.begin(), split.validation.begin() + fifth);
    split.validation.erase(split.validation.begin(), split.validation.begin() + fifth);
  }
  return split;
}

void append(std::vector<data::LeftOut>& all, const data::PhotoSet& photos) {
  all.insert(all.end(), photos.left_out().begin(), photos.left_out().end());
}

}  // namespace

Photos load_parts(const std::filesystem::path& folder, const TrainOptions& options, Size2D image_size,
                  bool keras_split, Reporter& reporter) {
  const Folders folders = find_folders(folder, options);
  const data::PhotoSet train = load(folders.train, {}, options, image_size, reporter);
  const std::vector<std::string>& classes = train.class_names();
  if (classes.size() < 2) {
    fail(ErrorKind::invalid_argument, folder.string(), ": expected at least two class folders, found only '",
         classes.at(0), "'; a classifier needs something to tell apart");
  }
  const bool needs_test = folders.test.empty();
  const bool needs_validation = folders.validation.empty();
  const Split split = keras_split
                          ? split_as_keras(train.size(), needs_validation, needs_test, options.seed)
                          : split_stratified(train.labels(), needs_validation, needs_test, options.seed);
  const bool binary = keras_split && classes.size() == 2;
  const data::DatasetOptions fixed{.batch_size = options.batch_size,
                                   .seed = options.seed,
                                   .label_mode = binary ? data::LabelMode::binary : data::LabelMode::integer};
  data::DatasetOptions shuffled = fixed;
  shuffled.shuffle = true;
  std::vector<data::LeftOut> left_out;
  append(left_out, train);
  const auto part = [&](const std::filesystem::path& own, const Indices& indices) {
    if (own.empty()) return train.subset(indices, fixed);
    const data::PhotoSet photos = load(own, classes, options, image_size, reporter);
    append(left_out, photos);
    return photos.all(fixed);
  };
  data::Dataset validation = part(folders.validation, split.validation);
  data::Dataset test = part(folders.test, split.test);
  data::Dataset training = train.subset(split.train, shuffled);
  if (training.size() == 0 || validation.size() == 0 || test.size() == 0) {
    fail(ErrorKind::invalid_argument, folder.string(), ": ", train.size(), " photos are too few to train on ",
         training.size(), ", choose by ", validation.size(), " and test on ", test.size(), "; add photos");
  }
  const std::string note =
      cat("split ", training.size(), " train, ", validation.size(), " validation, ", test.size(), " test",
          keras_split ? ", as Keras splits" : ", per class", ", seed ", options.seed);
  return {training, validation, test, classes, std::move(left_out), note, options.disk_cache};
}

}  // namespace graft::transfer

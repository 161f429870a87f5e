// SPDX-License-Identifier: Apache-2.0
#include "cli/feature_rows.hpp"

#include <algorithm>
#include <new>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/text.hpp"
#include "graft/data/read_photo.hpp"

#include "cli/photos.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

/// The first folder of a photo's path below another one; empty where the photo is in that one itself.
std::string_view folder_below(std::string_view photo, std::string_view folder) {
  if (!photo.starts_with(folder)) return {};
  photo.remove_prefix(folder.size());
  while (photo.starts_with('/')) photo.remove_prefix(1);
  const std::size_t slash = photo.find('/');
  return slash == std::string_view::npos ? std::string_view() : photo.substr(0, slash);
}

void label_by_top_folder(const std::string& folder, FeaturePhotos& found) {
  if (!may_hold_classes(folder)) return;
  const data::PhotoNames& names = found.photos.names;
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = folder_below(names[i], folder);
    if (name.empty()) return;
    if (classes.empty() || classes.back() != name) classes.emplace_back(name);
  }
  std::ranges::sort(classes);
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = std::ranges::lower_bound(classes, folder_below(names[i], folder));
    found.labels.push_back(static_cast<int>(at - classes.begin()));
  }
  found.class_names = std::move(classes);
}

}  // namespace

std::string FeaturePhotos::label_of(std::size_t photo) const {
  return labels.empty() ? std::string() : class_names[static_cast<std::size_t>(labels[photo])];
}

FeaturePhotos find_feature_photos(const std::vector<std::string>& images, const std::string& list,
                                  const data::ListOptions& listing) {
  FeaturePhotos found;
  if (!listing.labels.given()) {
    found.photos = find_photos(images, list, listing);
    if (images.size() == 1 && list.empty() && !data::is_archive(images.front()))
      label_by_top_folder(images.front(), found);
    return found;
  }
  if (!list.empty())
    fail(ErrorKind::invalid_argument,
         "--list: not possible with --labels or --label-from-name, which name the ", "photos themselves");
  data::PhotoList labelled = list_images(images, listing);
  for (const fs::path& path : labelled.paths) found.photos.names.add(path.native());
  found.photos.left_out = std::move(labelled.left_out);
  found.photos.notes = std::move(labelled.notes);
  if (!labelled.label_sets.empty()) {
    found.photos.notes.emplace_back("photos with several labels: labels are not written");
    return found;
  }
  if (!labelled.targets.empty()) {
    found.photos.notes.emplace_back("photos with numbers: numbers are not written");
    return found;
  }
  found.labels = std::move(labelled.labels);
  found.class_names = std::move(labelled.class_names);
  return found;
}

FeatureComputer::FeatureComputer(const Model& model, data::LoadPhotosOptions load,
                                 plan::RunnerOptions options)
    : load_(std::move(load)), runner_(model, std::move(options)) {}

FeatureRows FeatureComputer::compute(std::span<const fs::path> photos) {
  std::vector<Tensor> pixels(photos.size());
  std::vector<std::string> notes(photos.size()), reasons(photos.size());
  parallel_for(photos.size(), 1, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      try {
        pixels[i] = data::read_photo(photos[i], load_, notes[i]).to(DType::float32);
      } catch (const Error& error) {
        reasons[i] = error.what();
      } catch (const std::bad_alloc&) {
        reasons[i] = "not enough memory to decode it";
      }
    }
  });
  FeatureRows result;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (!notes[i].empty()) ++kinds_.try_emplace(notes[i], 0, photos[i].string()).first->second.first;
    if (reasons[i].empty()) {
      result.photos.push_back(i);
      continue;
    }
    const std::string begin = photos[i].string() + ": ";
    if (reasons[i].starts_with(begin)) reasons[i].erase(0, begin.size());
    result.failures.push_back({.photo = i, .reason = shown(reasons[i])});
  }
  if (result.photos.empty()) return result;
  const Shape& one = pixels[result.photos.front()].shape();
  Tensor batch(one.with_batch(static_cast<std::int64_t>(result.photos.size())));
  for (std::size_t row = 0; row < result.photos.size(); ++row) {
    const auto at = static_cast<std::int64_t>(row);
    batch.slice(at, at + 1).copy_from(pixels[result.photos[row]].reshape(one.with_batch(1)));
  }
  result.features = runner_.run_first(batch);
  return result;
}

Shape FeatureComputer::row_shape() {
  const std::int64_t channels = data::channels_of(load_.decode.color_mode);
  return runner_.run_first(Tensor({1, load_.image_size.height, load_.image_size.width, channels}))
      .shape()
      .without_batch();
}

std::vector<std::string> FeatureComputer::notes() const {
  std::vector<std::string> result;
  for (const auto& [note, found] : kinds_)
    result.push_back(cat(found.first, found.first == 1 ? " photo: " : " photos: ", note, ", such as ",
                         shown(found.second)));
  return result;
}

}  // namespace graft::cli

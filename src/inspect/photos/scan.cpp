// SPDX-License-Identifier: Apache-2.0
#include "inspect/photos/scan.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"

namespace graft::inspect {
namespace {

constexpr std::size_t kPhotosAtOnce = 32;
constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30;

/// One file after reading.
struct ReadPhoto {
  data::PhotoFacts facts;
  Tensor pixels;      ///< for the network
  std::string error;  ///< why the rest is empty
};

/// The reason alone, on one line, without the path before it.
std::string reason_of(const std::filesystem::path& path, std::string text) {
  const std::string begin = path.string() + ": ";
  if (text.starts_with(begin)) text.erase(0, begin.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return shown(text);
}

void read_into(ReadPhoto& photo, const std::filesystem::path& path, const ScanOptions& options,
               const FeatureNetwork* network) {
  const std::string file = read_file(path, kMostBytes);
  const std::span<const std::byte> bytes = std::as_bytes(std::span(file));
  const Tensor picture = data::decode_image(bytes, {.exif = options.exif});
  if (options.measure) {
    photo.facts.contents = Hasher().add(bytes).digest();
    photo.facts.bytes = file.size();
    photo.facts.format = data::image_format_of(bytes.first(std::min(bytes.size(), data::kImageHeadBytes)));
    photo.facts.measures = measure_photo(picture);
    photo.facts.print = data::fingerprint(picture);
  }
  if (network != nullptr)
    photo.pixels = data::resize_photo(picture, network->load_options()).to(DType::float32);
}

ReadPhoto read_one(const std::filesystem::path& path, const ScanOptions& options,
                   const FeatureNetwork* network) {
  ReadPhoto photo;
  try {
    read_into(photo, path, options, network);
  } catch (const Error& error) {
    photo.error = reason_of(path, error.what());
  } catch (const std::bad_alloc&) {
    photo.error = "not enough memory to decode it";
  }
  return photo;
}

/// Copies the photos' pixels into one batch and appends its features.
void append_features(std::vector<ReadPhoto>& photos, FeatureNetwork& network, std::vector<Tensor>& features) {
  std::vector<const Tensor*> pixels;
  for (const ReadPhoto& photo : photos) {
    if (photo.error.empty()) pixels.push_back(&photo.pixels);
  }
  if (pixels.empty()) return;
  const auto rows = static_cast<std::int64_t>(pixels.size());
  Tensor batch(pixels.front()->shape().with_batch(rows));
  for (std::int64_t row = 0; row < rows; ++row) {
    const Tensor& one = *pixels[static_cast<std::size_t>(row)];
    batch.slice(row, row + 1).copy_from(one.reshape(one.shape().with_batch(1)));
  }
  features.push_back(network.features(batch));
}

Tensor joined(const std::vector<Tensor>& parts) {
  if (parts.empty()) return {};
  std::int64_t rows = 0;
  for (const Tensor& part : parts) rows += part.shape()[0];
  Tensor all(Shape{rows, parts.front().shape()[1]});
  std::int64_t at = 0;
  for (const Tensor& part : parts) {
    all.slice(at, at + part.shape()[0]).copy_from(part);
    at += part.shape()[0];
  }
  return all;
}

}  // namespace

void ScannedPhotos::add(const PhotoToScan& photo, const data::PhotoFacts& facts) {
  photos.push_back({photo.path, photo.part, photo.label, facts.measures});
  contents.push_back(facts.contents);
  bytes.push_back(facts.bytes);
  formats.push_back(facts.format);
  fingerprints.push_back(facts.print);
}

ScannedPhotos scan_photos(const std::vector<PhotoToScan>& files, const ScanOptions& options,
                          FeatureNetwork* network, std::vector<data::LeftOut>& left_out,
                          const std::function<bool(std::size_t, std::size_t)>& progress) {
  ScannedPhotos scanned;
  std::vector<Tensor> features;
  for (std::size_t begin = 0; begin < files.size(); begin += kPhotosAtOnce) {
    const std::size_t end = std::min(begin + kPhotosAtOnce, files.size());
    std::vector<ReadPhoto> photos(end - begin);
    parallel_for(photos.size(), 1, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) photos[i] = read_one(files[begin + i].path, options, network);
    });
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const PhotoToScan& file = files[begin + i];
      const ReadPhoto& photo = photos[i];
      if (!photo.error.empty()) {
        left_out.push_back({.path = file.path, .reason = photo.error, .unreadable = true});
        continue;
      }
      scanned.add(file, photo.facts);
    }
    if (network != nullptr) append_features(photos, *network, features);
    if (progress && !progress(end, files.size())) {
      fail(ErrorKind::interrupted, "the inspection was stopped after ", end, " of ", files.size(), " photos");
    }
  }
  scanned.features = joined(features);
  return scanned;
}

}  // namespace graft::inspect

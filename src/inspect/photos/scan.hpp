// SPDX-License-Identifier: Apache-2.0
// Every photo of a folder is read once: what is measured, compared and computed of it is done then.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/hash.hpp"
#include "graft/image.hpp"
#include "graft/inspect.hpp"

#include "inspect/features/feature_network.hpp"

namespace graft {
inline namespace inspect {

/// A file to read, and where it belongs.
struct PhotoToScan {
  std::filesystem::path path;
  std::string part;
  int label = -1;
};

/// What is kept of the photos that can be read.
struct ScannedPhotos {
  std::vector<InspectedPhoto> photos;
  std::vector<Hash128> contents;                ///< one a photo: of the file's bytes
  std::vector<std::uintmax_t> bytes;            ///< one a photo: size of the file
  std::vector<data::ImageFormat> formats;       ///< one a photo
  std::vector<data::Fingerprint> fingerprints;  ///< one a photo
  Tensor features;                              ///< (photos, D); empty without a network

  void add(const PhotoToScan& photo, const data::PhotoFacts& facts);
};

/// How they are read.
struct ScanOptions {
  data::Exif exif = data::Exif::apply;
  bool measure = true;  ///< false: no measures, fingerprints and hashes
};

/// Reads the photos. Those that cannot be read are added to left_out. progress: photos done, in all; false
/// stops with Error{interrupted}. network may be null. Memory does not grow with the photos' pixels.
[[nodiscard]] ScannedPhotos scan_photos(const std::vector<PhotoToScan>& files, const ScanOptions& options,
                                        FeatureNetwork* network, std::vector<data::LeftOut>& left_out,
                                        const std::function<bool(std::size_t, std::size_t)>& progress);

}  // namespace inspect
}  // namespace graft

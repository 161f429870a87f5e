// SPDX-License-Identifier: Apache-2.0
#include "graft/base/execution_scope.hpp"
#include "graft/classify/neighbours.hpp"
#include "graft/inspect.hpp"

#include "inspect/features/feature_network.hpp"
#include "inspect/photos/scan.hpp"

namespace graft::inspect {

PhotoFeatures compute_features(const std::string& model, const data::PhotoList& photos,
                               const FeatureOptions& options) {
  const ExecutionScope scope(options.execution);
  FeatureNetwork network = FeatureNetwork::open(model, options.weights, options.execution);
  std::vector<PhotoToScan> files;
  for (std::size_t i = 0; i < photos.paths.size(); ++i)
    files.push_back({photos.paths[i], "", photos.labels.empty() ? -1 : photos.labels[i]});
  PhotoFeatures result{.class_names = photos.class_names, .left_out = photos.left_out};
  const ScannedPhotos scanned = scan_photos(files, {.exif = options.exif, .measure = false}, &network,
                                            result.left_out, options.progress);
  for (const InspectedPhoto& photo : scanned.photos) {
    result.files.push_back(photo.path);
    if (!photos.labels.empty()) result.labels.push_back(photo.label);
  }
  result.rows = scanned.features;
  result.notes = network.notes();
  return result;
}

std::vector<std::vector<SimilarPhoto>> most_similar(const PhotoFeatures& photos, const Tensor& queries,
                                                    std::size_t count) {
  std::vector<std::vector<SimilarPhoto>> result;
  for (const auto& neighbours : classify::nearest_rows(classify::unit_rows(queries),
                                                       classify::unit_rows(photos.rows), {.count = count})) {
    result.emplace_back();
    for (const classify::Neighbour& one : neighbours) result.back().push_back({one.row, one.distance});
  }
  return result;
}

}  // namespace graft::inspect

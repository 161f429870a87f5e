// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/file_entries.hpp"

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

/// Bytes of names that are no UTF-8 are replaced.
std::string as_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// The classifier's metadata with the names that its classes have now.
Json metadata_with_names(const Classifier& classifier) {
  Json metadata = classifier.metadata().is_object() ? classifier.metadata() : Json::object();
  metadata["class_names"] = classifier.class_names();
  return metadata;
}

}  // namespace

std::map<std::string, std::string> model_file_entries(const Classifier& classifier) {
  std::map<std::string, std::string> entries{{kMetadataEntry, as_text(metadata_with_names(classifier))}};
  if (const TrainingFeatures* known = classifier.training_features(); known != nullptr)
    entries[kTrainingFeaturesEntry] = to_bytes(*known);
  return entries;
}

std::map<std::string, std::string> exported_metadata(const Classifier& classifier) {
  Json metadata = metadata_with_names(classifier);
  metadata["preprocessing"] = "in model";
  metadata.erase("int8");
  return {{kMetadataEntry, as_text(metadata)}, {"class_names", as_text(classifier.class_names())}};
}

}  // namespace graft::classify

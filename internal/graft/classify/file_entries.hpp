// SPDX-License-Identifier: Apache-2.0
// What a classifier keeps in files beside its model.
#pragma once

#include <map>
#include <string>

#include "graft/classifier.hpp"

namespace graft {
inline namespace classify {

/// Entries of a model.keras that open() makes the same classifier of: its metadata, and what it knows of its
/// training photos.
[[nodiscard]] std::map<std::string, std::string> model_file_entries(const Classifier& classifier);

/// Metadata of an exported file: kMetadataEntry with the class names, and class_names by themselves.
[[nodiscard]] std::map<std::string, std::string> exported_metadata(const Classifier& classifier);

}  // namespace classify
}  // namespace graft

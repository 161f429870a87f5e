// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graft/classify/classifier.hpp"

namespace graft::cli {

/// The index of the model's class that each folder is named after: by class name, or by WordNet id for
/// ImageNet. Throws Error{not_found} with the folder that names no class.
[[nodiscard]] std::vector<std::size_t> classes_of_folders(const Classifier& classifier,
                                                          const std::vector<std::string>& folders);

}  // namespace graft::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graft/classify/classifier.hpp"

namespace graft::cli {

/// The model's class for each folder, by name or by ImageNet's id. Throws Error{not_found} naming the folder
/// that is none.
[[nodiscard]] std::vector<std::size_t> match_classes(const Classifier& classifier,
                                                     const std::vector<std::string>& folders);

}  // namespace graft::cli

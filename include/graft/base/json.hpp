// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace graft {

/// JSON value that keeps the order of its keys, as Keras's config files do.
using Json = nlohmann::ordered_json;

}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"

namespace graft {
inline namespace saving {

/// What graft computes another way than the Keras that wrote a model's config, a sentence each: random layers
/// called with training=True, layers that compute in 16 bits, RandomCrop; and layers called
/// more than once in files of Keras 3.2, which stores them wrong. config: depth checked before;
/// version: "3.10.0", or empty.
[[nodiscard]] std::vector<std::string> notes_on_config(const Json& config, const std::string& version);

}  // namespace saving
}  // namespace graft

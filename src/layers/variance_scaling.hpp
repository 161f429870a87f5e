// SPDX-License-Identifier: Apache-2.0
// The one initializer with settings, which graft writes as a name:
// "variance_scaling(2,fan_out,truncated_normal)".
#pragma once

#include <optional>
#include <string>

#include "graft/base/json.hpp"

namespace graft::layers {

/// Keras's VarianceScaling.
struct VarianceScaling {
  double scale = 1;
  std::string mode = "fan_in";                    ///< fan_in, fan_out or fan_avg
  std::string distribution = "truncated_normal";  ///< truncated_normal, untruncated_normal or uniform
};

/// Nothing where the initializer is another one. Throws Error{unsupported} for settings that Keras has not.
[[nodiscard]] std::optional<VarianceScaling> variance_scaling_of(const std::string& initializer);
/// The name of one with these settings.
[[nodiscard]] std::string initializer_name(const VarianceScaling& scaling);

/// An initializer as Keras's config has it: a name, or an object where it has settings.
[[nodiscard]] Json initializer_json(const std::string& initializer);

}  // namespace graft::layers

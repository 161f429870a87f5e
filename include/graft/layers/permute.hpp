// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct PermuteOptions {
  std::vector<std::int64_t> dims;  ///< the new order of the axes, counted from 1 without the batch axis
  std::string name;
};

/// The same elements with the axes in another order.
///   Input   (N, ...) with as many axes after the batch as dims has numbers
///   Output  (N, ...): axis i is the input's axis dims[i - 1]
[[nodiscard]] Layer Permute(PermuteOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer permute_from_config(const Json& config);

}  // namespace graft::layers

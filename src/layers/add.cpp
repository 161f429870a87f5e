// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/merging.hpp"

#include "layers/config.hpp"
#include "layers/merge_layer.hpp"

namespace graft::layers {

Layer Add(const std::string& name) {
  return Layer(std::make_shared<MergeLayer>("Add", name, ops::BinaryKind::add));
}

Layer add_from_config(const Json& config) { return Add(Config(config).name()); }

}  // namespace graft::layers

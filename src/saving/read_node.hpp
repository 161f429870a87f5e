// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/layers/layer.hpp"
#include "graft/layers/operation.hpp"

namespace graft {
inline namespace saving {

/// From which number a config counts the calls of a nested model. Other layers' calls count from 0.
enum class Counting {
  from_zero,            ///< Keras 3's inbound_nodes
  functional_from_one,  ///< Keras 3's output_layers: of Functional models alone
  models_from_one,      ///< Keras 2's inbound_nodes: of all models
};

/// One output of one call of a layer, as a config names it.
struct TensorReference {
  std::string layer;
  std::int64_t node = 0;
  std::int64_t index = 0;
  Counting counting = Counting::from_zero;
};

/// One call of a layer: an entry of its inbound_nodes.
struct NodeConfig {
  std::vector<TensorReference> inputs;
  CallOptions options;
};

/// A layer's name as the model has it: '/' separates the parts of weights' paths in graft and Keras 3, so
/// that names of Keras 2 with it ("expanded_conv/depthwise") get '_', as Keras 3 calls the same layers.
[[nodiscard]] std::string layer_name(std::string name);

/// Reads an entry of inbound_nodes as Keras 3 writes it ({"args", "kwargs"}) or as Keras 2 does
/// ([["conv1", 0, 0, {}], ...]). place names the layer in messages. Errors: Error{bad_file};
/// Error{unsupported} for a call with arguments that graft does not support.
[[nodiscard]] NodeConfig read_node(const Json& json, const std::string& place);

/// The same for a call of an operation, among whose arguments constants may be. call: receives the arguments
/// with a placeholder for each tensor.
[[nodiscard]] NodeConfig read_operation_node(const Json& json, const std::string& place,
                                             layers::OperationCall& call);

/// A tensor argument as Keras 3 writes it, for a reference as Keras 2 writes it (["conv1", 0, 0]).
[[nodiscard]] Json tensor_argument(const Json& reference);

/// Reads input_layers or output_layers: ["conv1", 0, 0], or a list or an object of such.
[[nodiscard]] std::vector<TensorReference> read_ends(const Json& ends, const std::string& place);

}  // namespace saving
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/model.hpp"

#include "saving/read_node.hpp"

namespace graft {
inline namespace saving {

/// A layer of a functional config with its calls, before they are made.
struct PendingLayer {
  Layer layer;
  std::vector<NodeConfig> nodes;
  /// Those that were made, under their numbers among all calls of the layer: other models may call it too.
  std::vector<int> made = {};
  [[nodiscard]] std::vector<SymbolicTensor> outputs_of(std::size_t node) const;
};

/// Makes the calls that the layers' nodes describe, each after those that it depends on, with a stack of its
/// own: no content of a file causes recursion. Errors: Error{bad_file} for cycles and for tensors that
/// no layer gives.
class CallMaker {
 public:
  /// place names the model in messages.
  CallMaker(std::vector<PendingLayer>& layers, std::string place);

  void make_all();
  [[nodiscard]] SymbolicTensor tensor(const TensorReference& reference) const;

 private:
  struct Position {
    std::size_t layer;
    std::size_t node;
  };
  /// A call that waits for others; its inputs before `next` are there.
  struct Frame {
    Position position;
    std::size_t next = 0;
  };
  [[nodiscard]] Position find(const TensorReference& reference) const;
  [[nodiscard]] bool is_made(Position position) const;
  /// Makes the call and those that it waits for.
  void make_with_inputs(Position position);
  /// The next call that has to come before this one; none when it can be made.
  [[nodiscard]] std::optional<Position> blocker(Frame& frame) const;
  void make(Position position);

  std::vector<PendingLayer>& layers_;
  std::string place_;
  std::size_t total_ = 0;  ///< calls of all layers
  std::unordered_map<std::string, std::size_t> by_name_;
};

}  // namespace saving
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// Small ONNX graphs for tests, node by node.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "graft/formats/onnx.hpp"
#include "graft/tensor.hpp"

#include "support.hpp"

namespace graft::test {

/// From -1 to 1; the same for the same key.
inline Tensor numbers(const Shape& shape, const std::string& key) {
  Tensor result(shape);
  const std::vector<double> u = u01(key, static_cast<std::size_t>(result.count()));
  for (std::size_t i = 0; i < u.size(); ++i) result.data()[i] = static_cast<float>(2 * u[i] - 1);
  return result;
}

/// x (N, 3, 4, 4), nodes, then y. Each function adds nodes and returns the name of what they compute.
class GraphWriter {
 public:
  using Sizes = std::vector<std::int64_t>;
  using Attributes = std::vector<formats::OnnxAttribute>;

  explicit GraphWriter(std::int64_t opset = 13) {
    graph_.opset = opset;
    graph_.inputs = {{.name = "x", .shape = {-1, 3, 4, 4}}};
    graph_.outputs = {{.name = "y", .shape = {}}};
  }
  std::string add(const std::string& op, std::vector<std::string> inputs, Attributes attributes = {}) {
    std::string name = "v" + std::to_string(graph_.nodes.size());
    add_node(op, std::move(inputs), name, std::move(attributes));
    return name;
  }
  std::string fixed(const Tensor& value) {
    std::string name = "w" + std::to_string(graph_.initializers.size());
    graph_.initializers.push_back({name, value});
    return name;
  }
  std::string integers(const Sizes& values) {
    return integers({static_cast<std::int64_t>(values.size())}, values);
  }
  std::string integers(const Shape& shape, const Sizes& values) {
    return fixed(Tensor::from(shape, std::span<const std::int64_t>(values)));
  }
  std::string number(float value) { return fixed(Tensor::full(Shape(), value)); }
  std::string reshape(const std::string& x, const Sizes& sizes) {
    return add("Reshape", {x, integers(sizes)});
  }
  std::string transpose(const std::string& x, const Sizes& perm) {
    return add("Transpose", {x}, {formats::OnnxAttribute::of("perm", perm)});
  }
  /// The elements at these places of an axis.
  std::string gather(const std::string& x, std::int64_t axis, const std::string& places) {
    return add("Gather", {x, places}, {formats::OnnxAttribute::of("axis", axis)});
  }
  std::string element(const std::string& x, std::int64_t axis, std::int64_t at) {
    return gather(x, axis, integers(Shape(), {at}));
  }
  /// The number of photos times this, as exporters compute it.
  std::string batch_times(std::int64_t times) {
    const std::string batch =
        add("Slice", {add("Shape", {"x"}), integers({0}), integers({1}), integers({0})});
    return add("Mul", {batch, integers({times})});
  }
  formats::OnnxModel finish(const std::string& last) {
    add_node("Identity", {last}, "y", {});
    return std::move(graph_);
  }

 private:
  void add_node(const std::string& op, std::vector<std::string> inputs, const std::string& output,
                Attributes attributes) {
    graph_.nodes.push_back({.op = op,
                            .name = output,
                            .domain = {},
                            .inputs = std::move(inputs),
                            .outputs = {output},
                            .attributes = std::move(attributes)});
  }

  formats::OnnxModel graph_;
};

}  // namespace graft::test

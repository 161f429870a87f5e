// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "onnx/import/importer.hpp"
#include "onnx/import/prepare.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxAttribute;
using formats::OnnxNode;

/// The input of a node of two inputs that is not this one; empty where neither is.
std::string other_input(const OnnxNode& node, const std::string& one) {
  if (node.inputs.size() != 2) return {};
  if (node.inputs[0] == one) return node.inputs[1];
  return node.inputs[1] == one ? node.inputs[0] : std::string();
}

bool is(const OnnxNode* node, const char* op, std::size_t inputs) {
  return node != nullptr && node->op == op && node->inputs.size() == inputs && !node->outputs.empty();
}

void replace(OnnxNode& node, const char* op, const std::string& x) {
  node.op = op;
  node.inputs = {x};
  node.attributes.clear();
}

/// x * f(x)
bool join_gates(NodeGraph& graph, OnnxNode& node) {
  for (const std::string& gate : node.inputs) {
    const std::string x = other_input(node, gate);
    const OnnxNode* maker = graph.producer(gate);
    if (maker == nullptr || x.empty()) continue;
    if (is(maker, "Sigmoid", 1) && maker->inputs[0] == x) return replace(node, "Silu", x), true;
    const OnnxAttribute* alpha = maker->find("alpha");
    if (is(maker, "HardSigmoid", 1) && maker->inputs[0] == x && alpha != nullptr &&
        std::abs(alpha->real - 1.0F / 6) < 1e-4F)
      return replace(node, "HardSwish", x), true;
    if (!is(maker, "Tanh", 1)) continue;
    const OnnxNode* inner = graph.producer(maker->inputs[0]);
    if (is(inner, "Softplus", 1) && inner->inputs[0] == x) return replace(node, "Mish", x), true;
  }
  return false;
}

/// The factors of a product of products that nobody else reads.
void collect_factors(NodeGraph& graph, const OnnxNode& node, int depth, std::vector<std::string>& factors) {
  for (const std::string& input : node.inputs) {
    const OnnxNode* maker = graph.producer(input);
    if (depth > 0 && is(maker, "Mul", 2) && graph.uses(input) == 1) {
      collect_factors(graph, *maker, depth - 1, factors);
    } else {
      factors.push_back(input);
    }
  }
}

/// The x of 1 + erf(x / sqrt 2); empty for another value.
std::string x_of_erf(NodeGraph& graph, const std::string& value) {
  const OnnxNode* sum = graph.producer(value);
  if (!is(sum, "Add", 2)) return {};
  for (const std::string& term : sum->inputs) {
    const OnnxNode* erf = graph.producer(term);
    if (!is(erf, "Erf", 1) || !graph.is_number(other_input(*sum, term), 1)) continue;
    const OnnxNode* scaled = graph.producer(erf->inputs[0]);
    if (is(scaled, "Div", 2) && graph.is_number(scaled->inputs[1], std::numbers::sqrt2))
      return scaled->inputs[0];
    if (!is(scaled, "Mul", 2)) continue;
    for (const std::string& factor : scaled->inputs)
      if (graph.is_number(factor, 1 / std::numbers::sqrt2)) return other_input(*scaled, factor);
  }
  return {};
}

/// x (1 + erf(x / sqrt 2)) / 2, in any order.
bool join_gelu(NodeGraph& graph, OnnxNode& node) {
  std::vector<std::string> factors;
  collect_factors(graph, node, 2, factors);
  if (factors.size() != 3) return false;
  std::string x;
  for (const std::string& factor : factors)
    if (x.empty()) x = x_of_erf(graph, factor);
  if (x.empty() || std::ranges::find(factors, x) == factors.end()) return false;
  const bool halved =
      std::ranges::any_of(factors, [&](const std::string& one) { return graph.is_number(one, 0.5); });
  if (halved) replace(node, "Gelu", x);
  return halved;
}

bool reduces_last(NodeGraph& graph, const OnnxNode* node, const char* op) {
  if (node == nullptr || node->op != op || node->inputs.empty()) return false;
  const OnnxAttribute* axes = node->find("axes");
  if (axes != nullptr) return axes->integers == std::vector<std::int64_t>{-1};
  const Tensor* given = node->inputs.size() > 1 ? graph.constant(node->inputs[1]) : nullptr;
  return given != nullptr && given->count() == 1 && given->dtype() == DType::int64 &&
         given->data<std::int64_t>()[0] == -1;
}

/// The x of x - mean(x); empty for another value.
std::string x_of_centred(NodeGraph& graph, const std::string& value) {
  const OnnxNode* difference = graph.producer(value);
  if (!is(difference, "Sub", 2)) return {};
  const OnnxNode* mean = graph.producer(difference->inputs[1]);
  return reduces_last(graph, mean, "ReduceMean") && mean->inputs[0] == difference->inputs[0]
             ? difference->inputs[0]
             : std::string();
}

/// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) over the last axis.
bool join_layer_normalization(NodeGraph& graph, OnnxNode& node) {
  if (node.inputs.size() != 2) return false;
  const std::string x = x_of_centred(graph, node.inputs[0]);
  const OnnxNode* root = graph.producer(node.inputs[1]);
  if (x.empty() || !is(root, "Sqrt", 1)) return false;
  const OnnxNode* sum = graph.producer(root->inputs[0]);
  if (!is(sum, "Add", 2)) return false;
  for (const std::string& term : sum->inputs) {
    const OnnxNode* variance = graph.producer(term);
    const Tensor* epsilon = graph.constant(other_input(*sum, term));
    if (!reduces_last(graph, variance, "ReduceMean") || epsilon == nullptr || epsilon->count() != 1) continue;
    const OnnxNode* square = graph.producer(variance->inputs[0]);
    const bool squares = (is(square, "Pow", 2) && graph.is_number(square->inputs[1], 2)) ||
                         (is(square, "Mul", 2) && square->inputs[0] == square->inputs[1]);
    if (!squares || x_of_centred(graph, square->inputs[0]) != x) continue;
    const float number = epsilon->to(DType::float32).data()[0];
    node.op = "LayerNormalization";
    node.inputs = {x};
    node.attributes = {OnnxAttribute::of("axis", std::int64_t{-1}), OnnxAttribute::of("epsilon", number)};
    return true;
  }
  return false;
}

/// Whether the node keeps a length from being 0 and changes no other.
bool keeps_from_zero(NodeGraph& graph, const OnnxNode& node) {
  constexpr float kTiny = 1e-6F;
  if (node.op == "Clip" && node.find("min") != nullptr)
    return node.find("min")->real <= kTiny && node.find("max") == nullptr;
  const bool clips =
      node.op == "Clip" && (node.inputs.size() == 2 || (node.inputs.size() == 3 && node.inputs[2].empty()));
  if (!clips && !is(&node, "Max", 2)) return false;
  const Tensor* least = graph.constant(node.inputs[1]);
  return least != nullptr && least->count() == 1 && least->to(DType::float32).data()[0] <= kTiny;
}

/// x / max(|x|, a tiny number) over the last axis.
bool join_unit(NodeGraph& graph, OnnxNode& node) {
  if (node.inputs.size() != 2) return false;
  const OnnxNode* maker = graph.producer(node.inputs[1]);
  if (is(maker, "Expand", 2)) maker = graph.producer(maker->inputs[0]);
  if (maker == nullptr || maker->inputs.empty() || !keeps_from_zero(graph, *maker)) return false;
  const OnnxNode* length = graph.producer(maker->inputs[0]);
  if (!reduces_last(graph, length, "ReduceL2") || length->inputs[0] != node.inputs[0]) return false;
  const OnnxAttribute* keeps = length->find("keepdims");
  if (keeps != nullptr && keeps->integer == 0) return false;
  replace(node, kJoinedUnit, std::string(node.inputs[0]));
  return true;
}

/// A softmax with 0 in the place of what is no number: graft has no infinite masks, which lead to it.
void join_safe(NodeGraph& graph, OnnxNode& node) {
  if (node.inputs.size() != 3 || !graph.is_number(node.inputs[1], 0)) return;
  const OnnxNode* test = graph.producer(node.inputs[0]);
  if (is(test, "IsNaN", 1) && test->inputs[0] == node.inputs[2])
    replace(node, "Identity", std::string(node.inputs[2]));
}

bool is_filled_with(const Tensor* tensor, float number) {
  if (tensor == nullptr) return false;
  const Tensor numbers = tensor->to(DType::float32);
  return std::ranges::all_of(numbers.data(), [number](float one) { return one == number; });
}

/// (N, C, H, W) as (N, groups, ...), normalised and brought back, as PyTorch writes a group normalisation.
bool join_groups(NodeGraph& graph, OnnxNode& node) {
  if (node.inputs.size() != 2) return false;
  const OnnxNode* normal = graph.producer(node.inputs[0]);
  if (!is(normal, "InstanceNormalization", 3) || graph.uses(node.inputs[0]) != 1) return false;
  const OnnxNode* grouped = graph.producer(normal->inputs[0]);
  if (!is(grouped, "Reshape", 2) || !is_filled_with(graph.constant(normal->inputs[1]), 1) ||
      !is_filled_with(graph.constant(normal->inputs[2]), 0))
    return false;
  const Tensor* target = graph.constant(grouped->inputs[1]);
  if (target == nullptr || target->dtype() != DType::int64 || target->count() != 3) return false;
  const auto sizes = target->data<std::int64_t>();
  if (sizes[0] != 0 || sizes[1] < 1 || sizes[2] != -1) return false;
  std::vector<OnnxAttribute> attributes{OnnxAttribute::of("num_groups", sizes[1])};
  if (const OnnxAttribute* epsilon = normal->find("epsilon"); epsilon != nullptr)
    attributes.push_back(*epsilon);
  node.op = kJoinedGroups;
  node.inputs = {grouped->inputs[0], node.inputs[1]};
  node.attributes = std::move(attributes);
  return true;
}

bool is_vector(const Tensor* tensor) { return tensor != nullptr && tensor->shape().rank() == 1; }

/// (C, 1, 1) of an image (N, C, H, W).
bool is_of_channels(const Tensor* tensor) {
  return tensor != nullptr && tensor->shape().rank() == 3 && tensor->count() > 1 &&
         tensor->count() == tensor->shape()[0];
}

/// gamma and beta after a group normalisation that was several nodes.
void join_channels(NodeGraph& graph, OnnxNode& node) {
  for (const std::string& value : std::vector<std::string>(node.inputs)) {
    const OnnxNode* before = graph.producer(value);
    const std::string numbers = other_input(node, value);
    if (before == nullptr || before->op != kJoinedGroups || graph.uses(value) != 1 ||
        !is_of_channels(graph.constant(numbers)))
      continue;
    // x, shape, gamma, beta: gamma comes first.
    const std::size_t wanted = node.op == "Mul" ? 2 : 3;
    if (before->inputs.size() > wanted) continue;
    std::vector<std::string> inputs = before->inputs;
    inputs.resize(wanted);
    inputs.push_back(numbers);
    node.op = before->op;
    node.name = before->name;
    node.attributes = before->attributes;
    node.inputs = std::move(inputs);
    return;
  }
}

/// gamma and beta after a LayerNormalization that was several nodes, and the bias after a product.
void join_vectors(NodeGraph& graph, OnnxNode& node) {
  for (const std::string& value : std::vector<std::string>(node.inputs)) {
    const OnnxNode* before = graph.producer(value);
    const std::string vector = other_input(node, value);
    if (before == nullptr || before->outputs.size() != 1 || graph.uses(value) != 1 ||
        !is_vector(graph.constant(vector)))
      continue;
    const std::size_t wanted = before->op == "MatMul"               ? 2
                               : before->op == "LayerNormalization" ? (node.op == "Mul" ? 1 : 2)
                                                                    : 0;
    if (wanted == 0 || before->inputs.size() != wanted || (before->op == "MatMul" && node.op != "Add"))
      continue;
    const Tensor* kernel = before->op == "MatMul" ? graph.constant(before->inputs[1]) : nullptr;
    if (before->op == "MatMul" && (kernel == nullptr || kernel->shape().rank() != 2)) continue;
    std::vector<std::string> inputs = before->inputs;
    inputs.push_back(vector);
    node.op = before->op;
    node.name = before->name;
    node.attributes = before->attributes;
    node.inputs = std::move(inputs);
    return;
  }
}

/// The rounding of a value to 8 bits is left out: its layers compute in float32.
void join_rounding(NodeGraph& graph, OnnxNode& node) {
  const OnnxNode* maker = node.inputs.empty() ? nullptr : graph.producer(node.inputs[0]);
  if (maker == nullptr || maker->op != "QuantizeLinear" || maker->inputs.size() != node.inputs.size()) return;
  if (!std::equal(node.inputs.begin() + 1, node.inputs.end(), maker->inputs.begin() + 1)) return;
  replace(node, "Identity", std::string(maker->inputs[0]));
}

}  // namespace

void join_nodes(NodeGraph& graph) {
  for (OnnxNode& node : graph.nodes()) {
    if (!node.domain.empty() || node.outputs.empty()) continue;
    if (node.op == "Mul" && !join_gates(graph, node)) static_cast<void>(join_gelu(graph, node));
    if (node.op == "DequantizeLinear") join_rounding(graph, node);
    if (node.op == "Div" && !join_layer_normalization(graph, node)) static_cast<void>(join_unit(graph, node));
    if (node.op == "Where") join_safe(graph, node);
    if (node.op == "Reshape") static_cast<void>(join_groups(graph, node));
    if (node.op == "Mul" || node.op == "Add") join_vectors(graph, node);
    if (node.op == "Mul" || node.op == "Add") join_channels(graph, node);
  }
}

}  // namespace onnx
}  // namespace graft

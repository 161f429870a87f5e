// SPDX-License-Identifier: Apache-2.0
#include "graft/onnx/import.hpp"

#include <set>

#include "graft/layers/core.hpp"

#include "onnx/import/importer.hpp"
#include "onnx/import/prepare.hpp"
#include "onnx/import/woven.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxModel;
using formats::OnnxNode;
using formats::OnnxValue;

constexpr std::int64_t kLeastReadOpset = 7, kMostReadOpset = 22;

/// Whether an image's axes are N, H, W, C: as the file says, else by where the colours can be.
bool is_nhwc(const OnnxModel& model, const Shape& shape) {
  const auto stated = model.metadata.find("input_layout");
  if (stated != model.metadata.end()) return stated->second == "NHWC";
  const auto colours = [](std::int64_t size) { return size == 1 || size == 3 || size == 4; };
  return colours(shape[3]) && !colours(shape[1]);
}

Shape checked_input(const OnnxValue& input, const std::string& file) {
  if (!input.known_shape || input.shape.rank() < 2)
    fail(ErrorKind::unsupported, file, ": input '", input.name,
         "' has no known shape; expected (N, C, H, W)");
  const bool real =
      input.dtype == DType::float32 || input.dtype == DType::float16 || input.dtype == DType::float64;
  if (!input.known_dtype || (!real && input.dtype != DType::uint8)) {
    fail(ErrorKind::unsupported, file, ": input '", input.name, "' is ",
         input.known_dtype ? to_string(input.dtype) : "of a type without a name", "; expected float32");
  }
  Shape shape = input.shape;
  shape.set(0, -1);
  return shape;
}

SymbolicTensor add_input(const OnnxModel& model, const OnnxValue& input, Importer& importer) {
  const Shape shape = checked_input(input, importer.file());
  const std::string name = importer.unique("input");
  Known known;
  known.shape = shape;
  known.order = identity_order(shape.rank());
  if (shape.rank() == 4 && !is_nhwc(model, shape)) {
    known.order = kImageOrder;
    known.tensor = Input({shape[2], shape[3], shape[1]}, name);
  } else {
    known.tensor = Input(shape.without_batch(), name);
  }
  importer.define(input.name, known);
  return known.tensor;
}

/// float32 or int64, as Known has them.
Tensor usual_element_type(const Tensor& tensor) {
  const bool real = tensor.dtype() == DType::float32 || tensor.dtype() == DType::float64 ||
                    tensor.dtype() == DType::float16 || tensor.dtype() == DType::bfloat16;
  return tensor.to(real ? DType::float32 : DType::int64);
}

void convert_node(Importer& importer, const OnnxNode& node) {
  importer.begin(node);
  if (!node.domain.empty())
    importer.refuse("belongs to the operators of ", node.domain, ", which graft does not know");
  if (fold_constant(importer) || convert_woven(importer)) return;
  const bool takes_constants = arithmetic_operators().contains(node.op);
  if (importer.has(0) && importer.in(0).fixed &&
      (!takes_constants || node.op == "MatMul" || node.op == "Gemm" || node.op == "Pow"))
    importer.refuse("has fixed numbers where graft needs a value that photos determine");
  for (const Operators* operators : {&window_operators(), &normalization_operators(), &arithmetic_operators(),
                                     &activation_operators(), &shape_operators(), &resizing_operators()}) {
    if (const auto found = operators->find(node.op); found != operators->end())
      return found->second(importer);
  }
  importer.refuse("is an operator that graft does not know");
}

}  // namespace

Model from_onnx(const OnnxModel& model, const std::string& file) {
  if (model.opset < kLeastReadOpset || model.opset > kMostReadOpset) {
    fail(ErrorKind::unsupported, file, " uses opset ", model.opset, "; graft reads ", kLeastReadOpset, " to ",
         kMostReadOpset, ". Export the model with one of them, or convert it with onnx.version_converter");
  }
  constexpr std::size_t kMostNodes = 10'000;
  if (model.nodes.size() > kMostNodes)
    fail(ErrorKind::resource_limit, file, " has ", model.nodes.size(), " nodes; graft reads at most ",
         kMostNodes);
  NodeGraph graph(model, file);
  join_nodes(graph);
  Importer importer(file, model.opset);
  const OnnxNode none;
  importer.begin(none);
  for (const formats::OnnxTensor& tensor : model.initializers) {
    Known known;
    known.fixed = usual_element_type(tensor.value);
    known.shape = tensor.value.shape();
    importer.define(tensor.name, std::move(known));
  }
  std::set<std::string> weights;
  for (const formats::OnnxTensor& tensor : model.initializers) weights.insert(tensor.name);
  std::vector<SymbolicTensor> inputs;
  for (const OnnxValue& input : model.inputs) {
    if (!weights.contains(input.name)) inputs.push_back(add_input(model, input, importer));
  }
  if (inputs.empty() || model.outputs.empty()) fail(ErrorKind::bad_file, file, " has no input or no output");
  for (const OnnxNode* node : graph.sorted()) convert_node(importer, *node);
  std::vector<SymbolicTensor> outputs;
  for (const OnnxValue& output : model.outputs)
    outputs.push_back(importer.plain(importer.value(output.name)));
  return {inputs, outputs, "onnx"};
}

}  // namespace onnx
}  // namespace graft

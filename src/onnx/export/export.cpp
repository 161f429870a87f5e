// SPDX-License-Identifier: Apache-2.0
// A model's ops in inference mode, one after the other, as ONNX's nodes.
#include "graft/onnx/export.hpp"

#include <algorithm>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"
#include "graft/models/inference_graph.hpp"
#include "graft/version.hpp"

#include "onnx/export/emitter.hpp"
#include "onnx/export/int8.hpp"

namespace graft {
inline namespace onnx {
namespace {

constexpr std::int64_t kLeastOpset = 13, kMostOpset = 17;

/// Paddings that one convolution alone reads: the convolution pads itself.
Paddings paddings_of_convolutions(const InferenceGraph& lowered) {
  std::map<ops::ValueId, int> uses;
  std::set<ops::ValueId> of_others(lowered.outputs.begin(), lowered.outputs.end());
  for (const ops::Op& op : lowered.graph.ops()) {
    for (const ops::ValueId input : op.inputs) {
      ++uses[input];
      if (!std::holds_alternative<ops::Convolution>(op.params) || input != op.inputs[0])
        of_others.insert(input);
    }
  }
  Paddings result;
  for (const ops::Op& op : lowered.graph.ops()) {
    if (std::holds_alternative<ops::Pad>(op.params) && uses[op.outputs[0]] == 1 &&
        !of_others.contains(op.outputs[0]))
      result.emplace(op.outputs[0], &op);
  }
  return result;
}

ops::Op with_padding(ops::Op convolution, const ops::Op& padding) {
  const auto& pad = std::get<ops::Pad>(padding.params);
  ops::Window& window = std::get<ops::Convolution>(convolution.params).window;
  window.pad_top += pad.top;
  window.pad_bottom += pad.bottom;
  window.pad_left += pad.left;
  window.pad_right += pad.right;
  convolution.inputs[0] = padding.inputs[0];
  return convolution;
}

/// In float16 computes what comes after the first product; sums over many elements stay float32.
bool computes_in_half(const Emitter& emitter, const ops::Op& op) {
  if (!emitter.options().float16) return false;
  if (std::holds_alternative<ops::Softmax>(op.params) ||
      std::holds_alternative<ops::GroupNormalization>(op.params))
    return false;
  if (std::holds_alternative<ops::Convolution>(op.params) || std::holds_alternative<ops::Dense>(op.params) ||
      std::holds_alternative<ops::ConvolutionBackwardInput>(op.params))
    return true;
  return std::ranges::any_of(op.inputs, [&](ops::ValueId input) { return emitter.is_half(input); });
}

void emit_op(Emitter& emitter, const ops::Op& op) {
  emitter.begin(op, computes_in_half(emitter, op));
  std::visit(
      [&](const auto& params) {
        if constexpr (requires { emit(emitter, op, params); }) {
          emit(emitter, op, params);
        } else {
          emitter.refuse(cat("computes ", ops::name_of(op.params), ", for which ONNX has no operator"));
        }
      },
      op.params);
  emitter.keep_rows(op);
}

/// Gives the value a new name wherever it stands.
void rename(formats::OnnxModel& model, const std::string& from, const std::string& to) {
  for (formats::OnnxNode& node : model.nodes) {
    std::ranges::replace(node.inputs, from, to);
    std::ranges::replace(node.outputs, from, to);
  }
}

void add_inputs(const Model& model, const InferenceGraph& lowered, Emitter& emitter) {
  for (std::size_t i = 0; i < lowered.inputs.size(); ++i) {
    Shape shape = lowered.graph.shape(lowered.inputs[i]);
    const bool turned = shape.rank() == 4 && emitter.options().input == OnnxInput::nchw;
    if (turned) shape = {shape[0], shape[3], shape[1], shape[2]};
    shape.set(0, -1);
    const std::string wanted = lowered.inputs.size() == 1 ? "image" : model.inputs()[i].layer->name();
    const std::string name = emitter.unique(wanted);
    emitter.model().inputs.push_back({.name = name, .dtype = DType::float32, .shape = shape});
    emitter.define(lowered.inputs[i], name, turned ? Layout::channels_first : Layout::plain);
  }
}

void add_outputs(const Model& model, const InferenceGraph& lowered, Emitter& emitter) {
  const ops::Op none{.params = ops::Reshape{}, .inputs = {}, .outputs = {}, .layer = {}};
  emitter.begin(none, false);
  for (std::size_t i = 0; i < lowered.outputs.size(); ++i) {
    Shape shape = lowered.graph.shape(lowered.outputs[i]);
    shape.set(0, -1);
    const std::string name = emitter.unique(model.outputs()[i].layer->name());
    std::string made = emitter.in(lowered.outputs[i]);
    const auto& nodes = emitter.model().nodes;
    const bool computed = std::ranges::any_of(nodes, [&](const formats::OnnxNode& node) {
      return std::ranges::find(node.outputs, made) != node.outputs.end();
    });
    const bool taken = std::ranges::any_of(
        emitter.model().outputs, [&](const formats::OnnxValue& other) { return other.name == made; });
    if (!computed || taken) made = emitter.add("Identity", {made});
    rename(emitter.model(), made, name);
    emitter.model().outputs.push_back({.name = name, .dtype = DType::float32, .shape = shape});
  }
}

void describe(const OnnxOptions& options, formats::OnnxModel& model) {
  const bool nhwc = options.input == OnnxInput::nhwc;
  model.opset = options.opset;
  model.producer = "graft";
  model.producer_version = version();
  model.graph_name = "graft";
  model.description =
      cat("Input: float32 ", nhwc ? "(batch, height, width, channels)" : "(batch, channels, height, width)",
          ", values from 0 to 255, red first. Resize photos to this height and width; "
          "everything else is inside.");
  model.metadata = options.metadata;
  model.metadata["input_layout"] = nhwc ? "NHWC" : "NCHW";
  model.metadata["input_type"] = "RGB";
  model.metadata["input_range"] = "0..255";
}

}  // namespace

formats::OnnxModel to_onnx(const Model& model, const OnnxOptions& options) {
  if (options.opset < kLeastOpset || options.opset > kMostOpset) {
    throw Error(ErrorKind::invalid_argument,
                cat("opset: expected ", kLeastOpset, " to ", kMostOpset, ", received ", options.opset),
                "opset");
  }
  if (options.int8 && options.float16)
    throw Error(ErrorKind::invalid_argument, "int8: a file has 8 bits or float16; choose one", "int8");
  const InferenceGraph lowered = inference_graph(model, options.image_size, "an ONNX file");
  const Paddings paddings = paddings_of_convolutions(lowered);
  Emitter emitter(lowered.graph, options);
  add_inputs(model, lowered, emitter);
  // They depend on weights only and add no node; what comes before them may need them.
  for (const ops::Op& op : lowered.graph.ops()) {
    if (std::holds_alternative<ops::BatchNormalizationScaleShift>(op.params)) emit_op(emitter, op);
  }
  if (options.int8) emitter.set_joined(normalizations_to_join(lowered, emitter, paddings));
  for (const ops::Op& op : lowered.graph.ops()) {
    if (std::holds_alternative<ops::BatchNormalizationScaleShift>(op.params)) continue;
    if (std::holds_alternative<ops::Pad>(op.params) && paddings.contains(op.outputs[0])) continue;
    const auto padding = op.inputs.empty() ? paddings.end() : paddings.find(op.inputs[0]);
    if (padding == paddings.end()) {
      emit_op(emitter, op);
    } else {
      emit_op(emitter, with_padding(op, *padding->second));
    }
  }
  add_outputs(model, lowered, emitter);
  describe(options, emitter.model());
  return std::move(emitter.model());
}

void save_onnx(const Model& model, const std::filesystem::path& path, const OnnxOptions& options) {
  static_cast<void>(formats::write_onnx(path, to_onnx(model, options)));
}

}  // namespace onnx
}  // namespace graft

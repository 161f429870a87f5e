// SPDX-License-Identifier: Apache-2.0
#include "saving/tfjs/emitter.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"

namespace graft {
inline namespace saving {
namespace {

/// What Teachable Machine's library does to a pixel: pixel / 127 - 1.
constexpr float kTeachableScale = 127;

void emit_op_as_layers(TfjsEmitter& emitter, const ops::Op& op) {
  emitter.begin(op);
  std::visit(
      [&](const auto& params) {
        if constexpr (requires { emit(emitter, op, params); }) {
          emit(emitter, op, params);
        } else {
          emitter.refuse(cat("computes ", ops::name_of(op.params), ", for which it has no layer"));
        }
      },
      op.params);
  emitter.keep_rows(op);
}

void check_teachable(const InferenceGraph& lowered) {
  const Shape shape = lowered.graph.shape(lowered.inputs.front());
  if (lowered.inputs.size() == 1 && shape.rank() == 4 && shape[1] == shape[2] && shape[3] == 3) return;
  fail(ErrorKind::unsupported, "Teachable Machine gives a model square pictures of 3 channels; this one has ",
       lowered.inputs.size() == 1 ? cat("the input ", shape.without_batch())
                                  : cat(lowered.inputs.size(), " inputs"));
}

}  // namespace

void TfjsEmitter::begin(const ops::Op& op) { op_ = &op; }

std::string TfjsEmitter::name() {
  const std::string& path = op_ == nullptr ? std::string() : op_->layer;
  std::string stem = path.substr(path.rfind('/') + 1);
  if (stem.empty()) stem = "layer";
  std::string name = stem;
  for (int i = 1; !taken_.insert(name).second; ++i) name = cat(stem, "_", i);
  return name;
}

SymbolicTensor TfjsEmitter::in(ops::ValueId value) const {
  const auto found = made_.find(value);
  if (found == made_.end()) refuse("computes with numbers of the model where it expects what layers compute");
  return found->second;
}

Tensor TfjsEmitter::fixed_or_refuse(ops::ValueId value, const char* what) const {
  const std::optional<Tensor> elements = fixed(value);
  if (!elements) refuse(cat("has ", what, " that is computed for each photo"));
  return *elements;
}

SymbolicTensor TfjsEmitter::call(const Layer& layer, const SymbolicTensor& x,
                                 const std::vector<Tensor>& weights) const {
  SymbolicTensor y = layer(x);
  const std::vector<VariablePtr> own = layer.weights();
  for (std::size_t i = 0; i < weights.size(); ++i)
    own.at(i)->adopt(weights[i].shape() == own[i]->shape() ? weights[i]
                                                           : weights[i].reshape(own[i]->shape()));
  return y;
}

void TfjsEmitter::refuse(const std::string& why) const {
  fail(ErrorKind::unsupported, "layer '", op_ == nullptr ? "?" : op_->layer,
       "' cannot be exported to TensorFlow.js", old_version() ? " 1.3.1, which Teachable Machine uses" : "",
       ": it ", why);
}

Model with_tfjs_layers(const Model& model, const TfjsOptions& options) {
  const InferenceGraph lowered = inference_graph(model, options.image_size, "a file for TensorFlow.js");
  if (options.teachable_machine) check_teachable(lowered);
  TfjsEmitter emitter(lowered.graph, options);
  std::vector<SymbolicTensor> inputs;
  for (std::size_t i = 0; i < lowered.inputs.size(); ++i) {
    const std::string name = model.inputs()[i].layer->name();
    emitter.take(name);
    inputs.push_back(Input(lowered.graph.shape(lowered.inputs[i]).without_batch(), name));
    SymbolicTensor x = inputs.back();
    if (options.teachable_machine) {
      const ops::Op pixels{.params = ops::Reshape{}, .inputs = {}, .outputs = {}, .layer = "pixels"};
      emitter.begin(pixels);
      x = emitter.affine(x, kTeachableScale, kTeachableScale);
    }
    emitter.define(lowered.inputs[i], x);
  }
  for (const ops::Op& op : lowered.graph.ops()) emit_op_as_layers(emitter, op);
  std::vector<SymbolicTensor> outputs;
  for (const ops::ValueId output : lowered.outputs) {
    SymbolicTensor y = emitter.in(output);
    // A model's output is a layer's result, not its input.
    if (std::ranges::find(inputs, y) != inputs.end()) y = emitter.apply("linear", y);
    outputs.push_back(y);
  }
  return {inputs, outputs, model.name()};
}

}  // namespace saving
}  // namespace graft

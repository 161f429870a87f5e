// SPDX-License-Identifier: Apache-2.0
// A model's ops in inference mode, one after the other, as TensorFlow Lite's operators.
#include "graft/tflite/export.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"
#include "graft/models/inference_graph.hpp"
#include "graft/version.hpp"

#include "tflite/export/emitter.hpp"

namespace graft {
inline namespace tflite {
namespace {

/// Scale and shift of each BatchNormalization depend on weights only.
void fix_statistics(Emitter& emitter) {
  for (const ops::Op& op : emitter.graph().ops()) {
    const auto* params = std::get_if<ops::BatchNormalizationScaleShift>(&op.params);
    if (params == nullptr) continue;
    emitter.begin(op);
    std::vector<Tensor> given;
    for (const ops::ValueId input : op.inputs) {
      const std::optional<Tensor> elements = emitter.fixed(input);
      if (!elements) emitter.refuse("normalises by statistics that are computed for each photo");
      given.push_back(*elements);
    }
    const ScaleAndShift affine = scale_and_shift(given, params->epsilon);
    emitter.set_fixed(op.outputs[0], affine.scale);
    emitter.set_fixed(op.outputs[1], affine.shift);
  }
}

/// Ops that become part of the op before them, which nothing else reads.
struct Joined {
  std::map<const ops::Op*, ops::ValueId> gone;           ///< what stands for their output
  std::map<const ops::Op*, ops::Activation> activation;  ///< of the ops before them
};

/// Finds them: the ScaleShift after a convolution is multiplied into it; a relu is applied by the op itself.
class Joiner {
 public:
  Joiner(const InferenceGraph& lowered, Emitter& emitter) : emitter_(emitter) {
    for (const ops::ValueId output : lowered.outputs) ++uses_[output];
    for (const ops::Op& op : lowered.graph.ops()) {
      for (const ops::ValueId input : op.inputs) ++uses_[input];
      for (const ops::ValueId output : op.outputs) makers_[output] = &op;
    }
    for (const ops::Op& op : lowered.graph.ops()) {
      if (const auto* params = std::get_if<ops::ScaleShift>(&op.params)) join(op, *params);
      if (const auto* params = std::get_if<ops::ActivationForward>(&op.params)) join(op, *params);
    }
  }
  [[nodiscard]] Joined take() { return std::move(joined_); }

 private:
  /// The op that makes a value, where only one op reads that; through ops that are gone.
  const ops::Op* maker_of(ops::ValueId& value) const {
    while (true) {
      const auto found = makers_.find(value);
      if (found == makers_.end() || uses_.at(value) != 1) return nullptr;
      const auto gone = joined_.gone.find(found->second);
      if (gone == joined_.gone.end()) return found->second;
      value = gone->second;
    }
  }

  void join(const ops::Op& op, const ops::ScaleShift& params) {
    using In = ops::ScaleShift::In;
    ops::ValueId x = op.in(In::x);
    const ops::Op* maker = maker_of(x);
    const auto* convolution = maker == nullptr ? nullptr : std::get_if<ops::Convolution>(&maker->params);
    const auto scale = emitter_.fixed(op.in(In::scale)), shift = emitter_.fixed(op.in(In::shift));
    const bool plain = convolution != nullptr && convolution->activation.is_linear() &&
                       !joined_.activation.contains(maker) && emitter_.affine_after(x) == nullptr &&
                       maker->in(ops::Convolution::In::residual) == ops::kAbsent;
    if (!plain || !scale || !shift) return;
    emitter_.set_affine_after(x, {.scale = *scale, .shift = *shift});
    joined_.gone.emplace(&op, x);
    if (!params.activation.is_linear()) joined_.activation.emplace(maker, params.activation);
  }

  void join(const ops::Op& op, const ops::ActivationForward& params) {
    if (!fused(params.activation)) return;
    ops::ValueId x = op.inputs[0];
    const ops::Op* maker = maker_of(x);
    if (maker == nullptr || joined_.activation.contains(maker) || !applies_itself(*maker)) return;
    joined_.gone.emplace(&op, x);
    joined_.activation.emplace(maker, params.activation);
  }

  static bool applies_itself(const ops::Op& op) {
    if (const auto* convolution = std::get_if<ops::Convolution>(&op.params))
      return convolution->activation.is_linear();
    if (const auto* dense = std::get_if<ops::Dense>(&op.params)) return dense->activation.is_linear();
    if (const auto* affine = std::get_if<ops::ScaleShift>(&op.params)) return affine->activation.is_linear();
    const auto* binary = std::get_if<ops::Binary>(&op.params);
    return binary != nullptr && binary->activation.is_linear() &&
           (binary->kind == ops::BinaryKind::add || binary->kind == ops::BinaryKind::subtract ||
            binary->kind == ops::BinaryKind::multiply);
  }

  Emitter& emitter_;
  std::map<ops::ValueId, int> uses_;
  std::map<ops::ValueId, const ops::Op*> makers_;
  Joined joined_;
};

/// The op with another activation.
ops::Op with_activation(ops::Op op, const ops::Activation& activation) {
  std::visit(
      [&](auto& params) {
        if constexpr (requires { params.activation = activation; }) params.activation = activation;
      },
      op.params);
  return op;
}

void emit_op(Emitter& emitter, const ops::Op& op) {
  emitter.begin(op);
  std::visit(
      [&](const auto& params) {
        if constexpr (requires { emit(emitter, op, params); }) {
          emit(emitter, op, params);
        } else {
          emitter.refuse(cat("computes ", ops::name_of(op.params), ", which graft does not write there"));
        }
      },
      op.params);
}

void emit_all(const InferenceGraph& lowered, Emitter& emitter) {
  fix_statistics(emitter);
  const Joined joined = Joiner(lowered, emitter).take();
  for (const ops::Op& op : lowered.graph.ops()) {
    if (std::holds_alternative<ops::BatchNormalizationScaleShift>(op.params)) continue;
    const auto gone = joined.gone.find(&op);
    const auto activation = joined.activation.find(&op);
    if (gone != joined.gone.end()) {
      emitter.define(op.outputs[0], emitter.in(gone->second));
    } else if (activation != joined.activation.end()) {
      emit_op(emitter, with_activation(op, activation->second));
    } else {
      emit_op(emitter, op);
    }
    emitter.keep_rows(op);
  }
}

void add_inputs(const Model& model, const InferenceGraph& lowered, Emitter& emitter) {
  for (std::size_t i = 0; i < lowered.inputs.size(); ++i) {
    Shape shape = lowered.graph.shape(lowered.inputs[i]);
    shape.set(0, -1);
    const std::string wanted = lowered.inputs.size() == 1 ? "image" : model.inputs()[i].layer->name();
    const std::int32_t tensor =
        emitter.add_tensor({.name = wanted, .shape = shape, .value = {}, .quantization = {}});
    emitter.model().inputs.push_back(tensor);
    emitter.define(lowered.inputs[i], tensor);
    emitter.note_range(tensor, cat("input:", i));
  }
}

/// An output that is an input or another output gets a tensor of its own.
void add_outputs(const Model& model, const InferenceGraph& lowered, Emitter& emitter) {
  const ops::Op none{.params = ops::Reshape{}, .inputs = {}, .outputs = {}, .layer = {}};
  emitter.begin(none);
  formats::TfliteModel& file = emitter.model();
  for (std::size_t i = 0; i < lowered.outputs.size(); ++i) {
    std::int32_t tensor = emitter.in(lowered.outputs[i]);
    const auto taken = [&](const Places& places) {
      return std::ranges::find(places, tensor) != places.end();
    };
    if (taken(file.inputs) || taken(file.outputs)) {
      const Shape shape = emitter.shape_of(tensor);
      tensor = emitter.add(TfliteOp::add, {tensor, emitter.number(0)}, shape);
    }
    file.tensors[static_cast<std::size_t>(tensor)].name = emitter.unique(model.outputs()[i].layer->name());
    file.outputs.push_back(tensor);
  }
}

void describe(const TfliteOptions& options, formats::TfliteModel& file) {
  const Shape& input = file.tensors[static_cast<std::size_t>(file.inputs.front())].shape;
  file.description = cat("graft ", version());
  file.metadata = options.metadata;
  if (file.inputs.size() != 1 || file.outputs.size() != 1 || input.rank() != 4) return;
  if (!options.class_names.empty()) {
    std::string lines;
    for (const std::string& name : options.class_names) lines += name + '\n';
    file.files["labels.txt"] = lines;
  }
  file.metadata["TFLITE_METADATA"] = formats::tflite_task_metadata(
      {.name = "graft",
       .description =
           "Pixels from 0 to 255, red first. Photos are resized to this height and width; everything else "
           "is inside.",
       .version = std::string(version()),
       .grey = input[3] == 1,
       .output_name = file.tensors[static_cast<std::size_t>(file.outputs.front())].name,
       .labels = !options.class_names.empty()});
}

}  // namespace

formats::TfliteModel to_tflite(const Model& model, const TfliteOptions& options) {
  if (options.int8 && options.float16)
    fail_option(ErrorKind::invalid_argument, "int8", "int8: a file has 8 bits or float16; choose one");
  if (options.int8 && options.int8->ranges.empty()) {
    fail_option(
        ErrorKind::invalid_argument, "int8",
        "int8: there are no ranges of values; int8_values() of a classifier that quantize() has tried "
        "has them");
  }
  const InferenceGraph lowered = inference_graph(model, options.image_size, "a TensorFlow Lite file");
  Emitter emitter(lowered.graph, options);
  add_inputs(model, lowered, emitter);
  emit_all(lowered, emitter);
  add_outputs(model, lowered, emitter);
  if (options.int8) emitter.model() = in_int8(emitter.model(), emitter.int8_facts());
  describe(options, emitter.model());
  return std::move(emitter.model());
}

void save_tflite(const Model& model, const std::filesystem::path& path, const TfliteOptions& options) {
  formats::write_tflite(path, to_tflite(model, options));
}

}  // namespace tflite
}  // namespace graft

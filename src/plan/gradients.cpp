// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "graft/base/fail.hpp"

#include "plan/program.hpp"

namespace graft::plan {
namespace {

using ops::kAbsent;
using ops::Op;
using ops::ValueId;

/// Writes the backward pass: one rule per op, from the gradients of its outputs to those of its inputs.
class GradientWriter {
 public:
  explicit GradientWriter(Program& program)
      : program_(program), graph_(program.graph), needed_(needs_gradient(program.graph)) {}

  void run() {
    const std::vector<Op> forward = graph_.ops();
    program_.forward_ops = forward.size();
    program_.output_gradient = graph_.add_input(graph_.shape(program_.outputs.front()));
    gradient_[program_.outputs.front()] = program_.output_gradient;
    for (const layers::RegularizedOutput& activity : program_.activities) {
      const bool wanted = needs(activity.value);
      program_.activity_gradients.push_back(wanted ? graph_.add_input(shape(activity.value)) : ops::kAbsent);
      if (wanted) give(activity.value, program_.activity_gradients.back());
    }
    for (auto op = forward.rbegin(); op != forward.rend(); ++op) {
      graph_.set_layer(op->layer);
      const bool wanted = std::ranges::any_of(op->inputs, [&](ValueId input) { return needs(input); });
      const bool known =
          std::ranges::any_of(op->outputs, [&](ValueId output) { return gradient_.contains(output); });
      if (!wanted || !known) continue;
      op_ = &*op;
      std::visit([this](const auto& params) { rule(params); }, op->params);
    }
    for (const auto& [value, gradient] : gradient_) {
      if (graph_.value(value).trainable) program_.gradients[value] = gradient;
    }
  }

 private:
  [[nodiscard]] bool needs(ValueId value) const {
    return value != kAbsent && static_cast<std::size_t>(value) < needed_.size() &&
           needed_[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] ValueId in(std::size_t i) const { return op_->inputs.at(i); }
  [[nodiscard]] ValueId out(std::size_t i = 0) const { return op_->outputs.at(i); }
  [[nodiscard]] ValueId dy(std::size_t i = 0) const { return gradient_.at(out(i)); }
  [[nodiscard]] const Shape& shape(ValueId value) const { return graph_.shape(value); }

  /// Adds a contribution to a value's gradient.
  void give(ValueId value, ValueId contribution) {
    const auto [entry, fresh] = gradient_.try_emplace(value, contribution);
    if (!fresh) entry->second = graph_.add(ops::Add{}, {entry->second, contribution}, shape(value));
  }
  /// The gradient before a fused activation.
  ValueId before(const ops::Activation& activation) {
    if (activation.is_linear()) return dy();
    return graph_.add(ops::ActivationBackward{activation}, {out(), dy()}, shape(out()));
  }
  /// A new value for each wanted input, absent for the others.
  std::vector<ValueId> outputs_for(const std::vector<ValueId>& values) {
    std::vector<ValueId> ids;
    for (const ValueId value : values) ids.push_back(needs(value) ? graph_.new_value(shape(value)) : kAbsent);
    return ids;
  }
  /// Appends an op that gives the gradients of these values, where wanted.
  void append(ops::Params params, std::vector<ValueId> inputs, const std::vector<ValueId>& values) {
    const std::vector<ValueId> outputs = outputs_for(values);
    graph_.append({std::move(params), std::move(inputs), outputs, graph_.layer()});
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (outputs[i] != kAbsent) give(values[i], outputs[i]);
    }
  }
  /// A gradient that may not have come about: zero.
  ValueId known_or_zero(ValueId value) {
    const auto found = gradient_.find(value);
    return found != gradient_.end() ? found->second : graph_.add_constant(Tensor(shape(value)));
  }

  void rule(const ops::Convolution& p) {
    const ValueId d = before(p.activation);
    if (needs(in(3))) give(in(3), d);
    if (needs(in(0))) append(ops::ConvolutionBackwardInput{p.window, p.groups}, {d, in(1)}, {in(0)});
    if (!needs(in(1)) && !needs(in(2))) return;
    // The kernel's gradient is the op's first output and always computed; the bias's comes with it.
    const ValueId dkernel = graph_.new_value(shape(in(1)));
    const ValueId dbias = needs(in(2)) ? graph_.new_value(shape(in(2))) : kAbsent;
    graph_.append(
        {ops::ConvolutionBackwardKernel{p.window, p.groups}, {in(0), d}, {dkernel, dbias}, graph_.layer()});
    if (needs(in(1))) give(in(1), dkernel);
    if (dbias != kAbsent) give(in(2), dbias);
  }
  void rule(const ops::Dense& p) {
    const ValueId d = before(p.activation);
    if (needs(in(0))) append(ops::DenseBackwardInput{}, {d, in(1)}, {in(0)});
    if (!needs(in(1)) && !needs(in(2))) return;
    const ValueId dkernel = graph_.new_value(shape(in(1)));
    const ValueId dbias = needs(in(2)) ? graph_.new_value(shape(in(2))) : kAbsent;
    graph_.append({ops::DenseBackwardKernel{}, {in(0), d}, {dkernel, dbias}, graph_.layer()});
    if (needs(in(1))) give(in(1), dkernel);
    if (dbias != kAbsent) give(in(2), dbias);
  }
  void rule(const ops::ActivationForward& p) {
    const ValueId source = ops::derivative_from_output(p.activation) ? out() : in(0);
    append(ops::ActivationBackward{p.activation}, {source, dy()}, {in(0)});
  }
  void rule(const ops::Softmax&) { append(ops::SoftmaxBackward{}, {out(), dy()}, {in(0)}); }
  void rule(const ops::ScaleShift& p) {
    append(ops::ScaleShiftBackward{}, {in(0), in(1), before(p.activation)}, {in(0), in(1), in(2)});
  }
  void rule(const ops::BatchNormalizationTraining& p) {
    const ValueId dx = needs(in(0)) ? graph_.new_value(shape(in(0))) : kAbsent;
    const ValueId dgamma = graph_.new_value(shape(in(1)));
    const ValueId dbeta = graph_.new_value(shape(in(2)));
    const ValueId beta = p.activation.is_linear() ? kAbsent : in(2);
    graph_.append({ops::BatchNormalizationTrainingBackward{p.epsilon, p.activation},
                   {in(0), in(1), out(1), out(2), dy(), beta},
                   {dx, dgamma, dbeta},
                   graph_.layer()});
    if (dx != kAbsent) give(in(0), dx);
    if (needs(in(1))) give(in(1), dgamma);
    if (needs(in(2))) give(in(2), dbeta);
  }
  void rule(const ops::FoldBatchNormalization& p) {
    append(ops::FoldBatchNormalizationBackward{p.epsilon},
           {in(0), in(1), in(2), in(4), in(5), known_or_zero(out(0)), known_or_zero(out(1))},
           {in(0), in(1), in(2), in(3)});
  }
  void rule(const ops::BatchNormalizationScaleShift& p) {
    const ValueId dgamma = graph_.new_value(shape(in(0)));
    const ValueId dbeta = graph_.new_value(shape(in(1)));
    graph_.append({ops::BatchNormalizationScaleShiftBackward{p.epsilon},
                   {in(2), in(3), known_or_zero(out(0)), known_or_zero(out(1))},
                   {dgamma, dbeta},
                   graph_.layer()});
    if (needs(in(0))) give(in(0), dgamma);
    if (needs(in(1))) give(in(1), dbeta);
  }
  void rule(const ops::Pool& p) {
    const bool max = p.kind == ops::PoolKind::max;
    append(ops::PoolBackward{p.kind, p.window}, {max ? in(0) : kAbsent, max ? out() : kAbsent, dy()},
           {in(0)});
  }
  void rule(const ops::GlobalPool& p) {
    const bool max = p.kind == ops::PoolKind::max;
    append(ops::GlobalPoolBackward{p.kind}, {max ? in(0) : kAbsent, max ? out() : kAbsent, dy()}, {in(0)});
  }
  void rule(const ops::Pad& p) { append(ops::Crop{p.top, p.bottom, p.left, p.right}, {dy()}, {in(0)}); }
  void rule(const ops::Crop& p) { append(ops::Pad{p.top, p.bottom, p.left, p.right}, {dy()}, {in(0)}); }
  /// Along its axis a slice is a crop of images (outer, 1, size, inner).
  void rule(const ops::Slice& p) {
    const Shape whole = shape(in(0));
    const std::int64_t part = shape(out())[p.axis];
    std::int64_t outer = 1;
    for (int axis = 0; axis < p.axis; ++axis) outer *= whole[axis];
    const std::int64_t size = whole[p.axis];
    const std::int64_t inner = size == 0 || outer == 0 ? 1 : whole.count() / (outer * size);
    const ValueId image = graph_.add(ops::Reshape{}, {dy()}, {outer, 1, part, inner});
    const ValueId padded = graph_.add(ops::Pad{.left = p.begin, .right = size - p.begin - part}, {image},
                                      {outer, 1, size, inner});
    give(in(0), graph_.add(ops::Reshape{}, {padded}, whole));
  }
  void rule(const ops::Permute& p) {
    std::vector<int> back(p.axes.size());
    for (std::size_t i = 0; i < p.axes.size(); ++i)
      back[static_cast<std::size_t>(p.axes[i])] = static_cast<int>(i);
    append(ops::Permute{std::move(back)}, {dy()}, {in(0)});
  }
  void rule(const ops::Binary& p) {
    const ValueId d = before(p.activation);
    const bool reads_sides = p.kind != ops::BinaryKind::add && p.kind != ops::BinaryKind::subtract;
    for (const int side : {0, 1}) {
      const ValueId input = in(static_cast<std::size_t>(side));
      if (!needs(input)) continue;
      const bool passes =
          p.kind == ops::BinaryKind::add || (p.kind == ops::BinaryKind::subtract && side == 0);
      if (passes && shape(input) == shape(out())) {
        give(input, d);
      } else {
        append(ops::BinaryBackward{p.kind, side},
               {reads_sides ? in(0) : kAbsent, reads_sides ? in(1) : kAbsent, d}, {input});
      }
    }
  }
  void rule(const ops::GroupNormalization& p) {
    append(ops::GroupNormalizationBackward{p.groups}, {in(0), in(1), out(1), out(2), dy()},
           {in(0), in(1), in(2)});
  }
  void rule(const ops::GaussianNoise&) { give(in(0), dy()); }
  void rule(const ops::Resize& p) { append(ops::ResizeBackward{p.interpolation}, {dy()}, {in(0)}); }
  /// A transposed convolution: the way back of the convolution that would give its input.
  void rule(const ops::ConvolutionBackwardInput& p) {
    if (needs(in(0))) {
      const ValueId d = graph_.add(ops::Convolution{.window = p.window, .groups = p.groups},
                                   {dy(), in(1), kAbsent, kAbsent}, shape(in(0)));
      give(in(0), d);
    }
    if (needs(in(1)))
      append(ops::ConvolutionBackwardKernel{p.window, p.groups}, {dy(), in(0)}, {in(1), kAbsent});
  }
  void rule(const ops::Add& p) {
    const ValueId d = before(p.activation);
    for (const ValueId input : op_->inputs) {
      if (needs(input)) give(input, d);
    }
  }
  void rule(const ops::Concatenate& p) {
    std::int64_t begin = 0;
    for (const ValueId input : op_->inputs) {
      if (needs(input)) give(input, graph_.add(ops::Slice{p.axis, begin}, {dy()}, shape(input)));
      begin += shape(input)[p.axis];
    }
  }
  void rule(const ops::Reshape&) { give(in(0), graph_.add(ops::Reshape{}, {dy()}, shape(in(0)))); }
  void rule(const ops::Dropout& p) { give(in(0), graph_.add(p, {dy()}, shape(in(0)))); }

  /// Everything else stands before the first trainable weight, or not at all.
  template <typename Params>
  void rule(const Params&) {
    fail(ErrorKind::unsupported, "layer '", op_->layer, "' (", ops::name_of(op_->params),
         ") cannot pass gradients back; put it before the first trainable layer");
  }

  Program& program_;
  ops::Graph& graph_;
  std::vector<bool> needed_;
  std::map<ValueId, ValueId> gradient_;
  const Op* op_ = nullptr;
};

}  // namespace

void add_gradients(Program& program) {
  GradientWriter(program).run();
  if (program.gradients.empty()) {
    fail(ErrorKind::invalid_argument, "nothing to train: no weight of the model is trainable. ",
         "Set trainable on a layer, or add a head");
  }
  remove_dead(program);
}

}  // namespace graft::plan

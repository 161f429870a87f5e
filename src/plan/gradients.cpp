// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/ops/op_table.hpp"
#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

using ops::kAbsent;
using ops::Op;
using ops::ValueId;

constexpr ops::Binary kAdd{ops::BinaryKind::add};

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
      if (wanted) accumulate(activity.value, program_.activity_gradients.back());
    }
    for (std::size_t i = forward.size(); i-- > 0;) {
      const Op& op = forward[i];
      graph_.set_layer(op.layer);
      const bool wanted = std::ranges::any_of(op.inputs, [&](ValueId input) { return needs(input); });
      const bool known =
          std::ranges::any_of(op.outputs, [&](ValueId output) { return gradient_.contains(output); });
      if (!wanted || !known) continue;
      op_ = &op;
      std::visit([this](const auto& params) { apply(params); }, op.params);
    }
    for (const auto& [value, gradient] : gradient_) {
      if (graph_.value(value).wants_gradient()) program_.gradients[value] = gradient;
    }
  }

 private:
  /// The rule of the op, which has one exactly where its row says so.
  template <typename Params>
  void apply(const Params& params) {
    constexpr bool kHasRule = requires(GradientWriter & writer) { writer.rule(params); };
    constexpr bool kWantsRule = ops::kRow<Params>.traits.gradient == ops::Gradient::rule;
    static_assert(kHasRule == kWantsRule, "the op's row and the rules below disagree");
    if constexpr (kHasRule) {
      rule(params);
    } else {
      fail(ErrorKind::unsupported, "layer '", op_->layer, "' (", ops::name_of(op_->params),
           ") cannot pass gradients back; put it before the first trainable layer");
    }
  }

  [[nodiscard]] bool needs(ValueId value) const {
    return value != kAbsent && index(value) < needed_.size() && needed_[index(value)];
  }
  template <typename Name>
  [[nodiscard]] ValueId in(Name name) const {
    return op_->in(name);
  }
  template <typename Name>
  [[nodiscard]] ValueId out(Name name) const {
    return op_->out(name);
  }
  /// The gradient of the op's first output.
  [[nodiscard]] ValueId dy() const { return gradient_.at(op_->outputs.front()); }
  [[nodiscard]] const Shape& shape(ValueId value) const { return graph_.shape(value); }

  struct KernelAndBias {
    ValueId kernel, bias;
  };

  /// Adds a contribution to a value's gradient.
  void accumulate(ValueId value, ValueId contribution) {
    const auto [entry, fresh] = gradient_.try_emplace(value, contribution);
    if (!fresh) entry->second = graph_.add(kAdd, {entry->second, contribution}, shape(value));
  }
  /// The gradient before a fused activation.
  ValueId before(const ops::Activation& activation) {
    if (activation.is_linear()) return dy();
    return graph_.add(ops::ActivationBackward{activation}, {op_->outputs.front(), dy()},
                      shape(op_->outputs.front()));
  }
  /// A new value for each wanted input, absent for the others.
  std::vector<ValueId> outputs_for(const std::vector<ValueId>& values) {
    std::vector<ValueId> ids;
    ids.reserve(values.size());
    for (const ValueId value : values) ids.push_back(needs(value) ? graph_.new_value(shape(value)) : kAbsent);
    return ids;
  }
  /// Appends an op whose outputs are the gradients of these values, where wanted.
  void add_gradient_op(ops::Params params, std::vector<ValueId> inputs, const std::vector<ValueId>& values) {
    const std::vector<ValueId> outputs = outputs_for(values);
    graph_.add_op({std::move(params), std::move(inputs), outputs, graph_.layer()});
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (outputs[i] != kAbsent) accumulate(values[i], outputs[i]);
    }
  }
  /// The gradients of a kernel and its bias, where wanted. The op always computes the kernel's.
  void add_kernel_gradient_op(ops::Params params, std::vector<ValueId> inputs, KernelAndBias of) {
    if (!needs(of.kernel) && !needs(of.bias)) return;
    const ValueId dkernel = graph_.new_value(shape(of.kernel));
    const ValueId dbias = needs(of.bias) ? graph_.new_value(shape(of.bias)) : kAbsent;
    graph_.add_op({std::move(params), std::move(inputs), {dkernel, dbias}, graph_.layer()});
    if (needs(of.kernel)) accumulate(of.kernel, dkernel);
    if (dbias != kAbsent) accumulate(of.bias, dbias);
  }
  /// The value's gradient, or zero where nothing contributed to it.
  ValueId known_or_zero(ValueId value) {
    const auto found = gradient_.find(value);
    return found != gradient_.end() ? found->second : graph_.add_constant(Tensor(shape(value)));
  }

  void rule(const ops::Convolution& p) {
    using In = ops::Convolution::In;
    const ValueId d = before(p.activation);
    if (needs(in(In::residual))) accumulate(in(In::residual), d);
    if (needs(in(In::x)))
      add_gradient_op(ops::ConvolutionBackwardInput{p.window, p.groups}, {d, in(In::kernel)}, {in(In::x)});
    add_kernel_gradient_op(ops::ConvolutionBackwardKernel{p.window, p.groups}, {in(In::x), d},
                           {in(In::kernel), in(In::bias)});
  }
  void rule(const ops::Dense& p) {
    using In = ops::Dense::In;
    const ValueId d = before(p.activation);
    if (needs(in(In::x))) add_gradient_op(ops::DenseBackwardInput{}, {d, in(In::kernel)}, {in(In::x)});
    add_kernel_gradient_op(ops::DenseBackwardKernel{}, {in(In::x), d}, {in(In::kernel), in(In::bias)});
  }
  void rule(const ops::MatMul& p) {
    const ValueId a = in(ops::MatMul::In::a);
    const ValueId b = in(ops::MatMul::In::b);
    const ValueId d = dy();
    // Of the product's a and b as they are multiplied: d b^T and a^T d; transposed where the value is.
    if (needs(a)) {
      accumulate(a, p.transpose_a ? graph_.add(ops::MatMul{p.transpose_b, true}, {b, d}, shape(a))
                                  : graph_.add(ops::MatMul{false, !p.transpose_b}, {d, b}, shape(a)));
    }
    if (needs(b)) {
      accumulate(b, p.transpose_b ? graph_.add(ops::MatMul{true, p.transpose_a}, {d, a}, shape(b))
                                  : graph_.add(ops::MatMul{!p.transpose_a, false}, {a, d}, shape(b)));
    }
  }
  void rule(const ops::ActivationForward& p) {
    using In = ops::ActivationForward::In;
    using Out = ops::ActivationForward::Out;
    const ValueId source = ops::derivative_from_output(p.activation) ? out(Out::y) : in(In::x);
    add_gradient_op(ops::ActivationBackward{p.activation}, {source, dy()}, {in(In::x)});
  }
  void rule(const ops::Softmax&) {
    using In = ops::Softmax::In;
    using Out = ops::Softmax::Out;
    add_gradient_op(ops::SoftmaxBackward{}, {out(Out::y), dy()}, {in(In::x)});
  }
  void rule(const ops::ScaleShift& p) {
    using In = ops::ScaleShift::In;
    add_gradient_op(ops::ScaleShiftBackward{}, {in(In::x), in(In::scale), before(p.activation)},
                    {in(In::x), in(In::scale), in(In::shift)});
  }
  void rule(const ops::BatchNormalizationTraining& p) {
    using In = ops::BatchNormalizationTraining::In;
    using Out = ops::BatchNormalizationTraining::Out;
    const ValueId dx = needs(in(In::x)) ? graph_.new_value(shape(in(In::x))) : kAbsent;
    const ValueId dgamma = graph_.new_value(shape(in(In::gamma)));
    const ValueId dbeta = graph_.new_value(shape(in(In::beta)));
    const ValueId beta = p.activation.is_linear() ? kAbsent : in(In::beta);
    graph_.add_op({ops::BatchNormalizationTrainingBackward{p.epsilon, p.activation},
                   {in(In::x), in(In::gamma), out(Out::mean), out(Out::variance), dy(), beta},
                   {dx, dgamma, dbeta},
                   graph_.layer()});
    if (dx != kAbsent) accumulate(in(In::x), dx);
    if (needs(in(In::gamma))) accumulate(in(In::gamma), dgamma);
    if (needs(in(In::beta))) accumulate(in(In::beta), dbeta);
  }
  void rule(const ops::FoldBatchNormalization& p) {
    using In = ops::FoldBatchNormalization::In;
    using Out = ops::FoldBatchNormalization::Out;
    add_gradient_op(ops::FoldBatchNormalizationBackward{p.epsilon},
                    {in(In::kernel), in(In::bias), in(In::gamma), in(In::mean), in(In::variance),
                     known_or_zero(out(Out::folded_kernel)), known_or_zero(out(Out::folded_bias))},
                    {in(In::kernel), in(In::bias), in(In::gamma), in(In::beta)});
  }
  void rule(const ops::BatchNormalizationScaleShift& p) {
    using In = ops::BatchNormalizationScaleShift::In;
    using Out = ops::BatchNormalizationScaleShift::Out;
    const ValueId dgamma = graph_.new_value(shape(in(In::gamma)));
    const ValueId dbeta = graph_.new_value(shape(in(In::beta)));
    graph_.add_op(
        {ops::BatchNormalizationScaleShiftBackward{p.epsilon},
         {in(In::mean), in(In::variance), known_or_zero(out(Out::scale)), known_or_zero(out(Out::shift))},
         {dgamma, dbeta},
         graph_.layer()});
    if (needs(in(In::gamma))) accumulate(in(In::gamma), dgamma);
    if (needs(in(In::beta))) accumulate(in(In::beta), dbeta);
  }
  void rule(const ops::Pool& p) {
    using In = ops::Pool::In;
    using Out = ops::Pool::Out;
    const bool max = p.kind == ops::PoolKind::max;
    add_gradient_op(ops::PoolBackward{p.kind, p.window},
                    {max ? in(In::x) : kAbsent, max ? out(Out::y) : kAbsent, dy()}, {in(In::x)});
  }
  void rule(const ops::GlobalPool& p) {
    using In = ops::GlobalPool::In;
    using Out = ops::GlobalPool::Out;
    const bool max = p.kind == ops::PoolKind::max;
    add_gradient_op(ops::GlobalPoolBackward{p.kind},
                    {max ? in(In::x) : kAbsent, max ? out(Out::y) : kAbsent, dy()}, {in(In::x)});
  }
  void rule(const ops::Pad& p) {
    using In = ops::Pad::In;
    add_gradient_op(ops::Crop{p.top, p.bottom, p.left, p.right}, {dy()}, {in(In::x)});
  }
  void rule(const ops::Crop& p) {
    using In = ops::Crop::In;
    add_gradient_op(ops::Pad{p.top, p.bottom, p.left, p.right}, {dy()}, {in(In::x)});
  }
  /// Along its axis a slice is a crop of images (outer, 1, size, inner).
  void rule(const ops::Slice& p) {
    using In = ops::Slice::In;
    using Out = ops::Slice::Out;
    const Shape whole = shape(in(In::x));
    const std::int64_t part = shape(out(Out::y))[p.axis];
    std::int64_t outer = 1;
    for (int axis = 0; axis < p.axis; ++axis) outer *= whole[axis];
    const std::int64_t size = whole[p.axis];
    const std::int64_t inner = size == 0 || outer == 0 ? 1 : whole.count() / (outer * size);
    const ValueId image = graph_.add(ops::Reshape{}, {dy()}, {outer, 1, part, inner});
    const ValueId padded = graph_.add(ops::Pad{.left = p.begin, .right = size - p.begin - part}, {image},
                                      {outer, 1, size, inner});
    accumulate(in(In::x), graph_.add(ops::Reshape{}, {padded}, whole));
  }
  void rule(const ops::Permute& p) {
    using In = ops::Permute::In;
    std::vector<int> back(p.axes.size());
    for (std::size_t i = 0; i < p.axes.size(); ++i)
      back[static_cast<std::size_t>(p.axes[i])] = static_cast<int>(i);
    add_gradient_op(ops::Permute{std::move(back)}, {dy()}, {in(In::x)});
  }
  void rule(const ops::Binary& p) {
    using In = ops::Binary::In;
    using Out = ops::Binary::Out;
    const ValueId d = before(p.activation);
    const bool reads_sides = p.kind != ops::BinaryKind::add && p.kind != ops::BinaryKind::subtract;
    for (const int side : {0, 1}) {
      const ValueId input = in(side == 0 ? In::a : In::b);
      if (!needs(input)) continue;
      const bool passes =
          p.kind == ops::BinaryKind::add || (p.kind == ops::BinaryKind::subtract && side == 0);
      if (passes && shape(input) == shape(out(Out::y))) {
        accumulate(input, d);
      } else {
        add_gradient_op(ops::BinaryBackward{p.kind, side},
                        {reads_sides ? in(In::a) : kAbsent, reads_sides ? in(In::b) : kAbsent, d}, {input});
      }
    }
  }
  void rule(const ops::GroupNormalization& p) {
    using In = ops::GroupNormalization::In;
    using Out = ops::GroupNormalization::Out;
    add_gradient_op(ops::GroupNormalizationBackward{p.groups},
                    {in(In::x), in(In::gamma), out(Out::mean), out(Out::inverse), dy()},
                    {in(In::x), in(In::gamma), in(In::beta)});
  }
  void rule(const ops::GaussianNoise&) {
    using In = ops::GaussianNoise::In;
    accumulate(in(In::x), dy());
  }
  void rule(const ops::Resize& p) {
    using In = ops::Resize::In;
    add_gradient_op(ops::ResizeBackward{p.interpolation}, {dy()}, {in(In::x)});
  }
  /// The forward op of a transposed convolution: its gradient is the convolution itself.
  void rule(const ops::ConvolutionBackwardInput& p) {
    using In = ops::ConvolutionBackwardInput::In;
    if (needs(in(In::dy))) {
      const ValueId d = graph_.add(ops::Convolution{.window = p.window, .groups = p.groups},
                                   {dy(), in(In::kernel), kAbsent, kAbsent}, shape(in(In::dy)));
      accumulate(in(In::dy), d);
    }
    if (needs(in(In::kernel)))
      add_gradient_op(ops::ConvolutionBackwardKernel{p.window, p.groups}, {dy(), in(In::dy)},
                      {in(In::kernel), kAbsent});
  }
  void rule(const ops::Concatenate& p) {
    std::int64_t begin = 0;
    for (const ValueId input : op_->inputs) {
      if (needs(input)) accumulate(input, graph_.add(ops::Slice{p.axis, begin}, {dy()}, shape(input)));
      begin += shape(input)[p.axis];
    }
  }
  void rule(const ops::Reshape&) {
    using In = ops::Reshape::In;
    accumulate(in(In::x), graph_.add(ops::Reshape{}, {dy()}, shape(in(In::x))));
  }
  void rule(const ops::Dropout& p) {
    using In = ops::Dropout::In;
    accumulate(in(In::x), graph_.add(p, {dy()}, shape(in(In::x))));
  }

  Program& program_;
  ops::Graph& graph_;
  std::vector<bool> needed_;
  std::map<ValueId, ValueId> gradient_;
  const Op* op_ = nullptr;
};

}  // namespace

void add_gradients(Program& program) {
  GradientWriter(program).run();  // without trainable weights nothing is written: forward as in training
  remove_dead(program);
}

}  // namespace graft::plan

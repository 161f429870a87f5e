// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "graft/plan/passes.hpp"

namespace graft::plan {
namespace {

/// A convolution whose only reader is a ScaleShift computed from BatchNormalization's weights.
struct Match {
  std::size_t convolution = 0, affine = 0;
};

bool find_match(const Program& program, const Uses& uses, std::size_t scale_shift, Match& match) {
  const auto& all = program.graph.ops();
  const ops::Op& op = all[scale_shift];
  if (!std::holds_alternative<ops::ScaleShift>(op.params)) return false;
  using In = ops::ScaleShift::In;
  const int convolution = uses.producer(op.in(In::x));
  const int affine = uses.producer(op.in(In::scale));
  if (convolution < 0 || affine < 0 || uses.count(op.in(In::x)) != 1) return false;
  match = {static_cast<std::size_t>(convolution), static_cast<std::size_t>(affine)};
  const auto* params = std::get_if<ops::Convolution>(&all[match.convolution].params);
  return params != nullptr && params->activation.is_linear() &&
         all[match.convolution].in(ops::Convolution::In::residual) == ops::kAbsent &&
         std::holds_alternative<ops::BatchNormalizationScaleShift>(all[match.affine].params);
}

}  // namespace

void fold_batch_normalization(Program& program) {
  const Uses uses(program);
  auto& all = program.graph.ops();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Match match;
    if (!find_match(program, uses, i, match)) continue;
    const ops::Op affine = all[match.affine];
    ops::Op convolution = all[match.convolution];
    const float epsilon = std::get<ops::BatchNormalizationScaleShift>(affine.params).epsilon;
    using In = ops::Convolution::In;
    using Affine = ops::BatchNormalizationScaleShift;
    const ops::ValueId kernel = program.graph.new_value(program.graph.shape(convolution.in(In::kernel)));
    const ops::ValueId bias = program.graph.new_value(program.graph.shape(affine.out(Affine::Out::scale)));
    // The affine op becomes the fold, in its place after the weights; the ScaleShift becomes the convolution.
    all[match.affine] = {
        ops::FoldBatchNormalization{epsilon},
        {convolution.in(In::kernel), convolution.in(In::bias), affine.in(Affine::In::gamma),
         affine.in(Affine::In::beta), affine.in(Affine::In::mean), affine.in(Affine::In::variance)},
        {kernel, bias},
        affine.layer};
    convolution.inputs = {convolution.in(In::x), kernel, bias, ops::kAbsent};
    convolution.outputs = all[i].outputs;
    all[i] = std::move(convolution);
    all[match.convolution].outputs = {program.graph.new_value(program.graph.shape(all[i].outputs[0]))};
  }
  remove_dead(program);
}

}  // namespace graft::plan

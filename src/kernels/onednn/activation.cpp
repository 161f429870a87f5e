// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/onednn/compat.hpp"
#include "kernels/onednn/runtime.hpp"

namespace graft::kernels::onednn_detail {
namespace {

bool append_relu(dnnl::post_ops& post_ops, const ops::Activation& activation) {
  if (activation.threshold != 0 || activation.max_value < 0) return false;
  if (std::isinf(activation.max_value)) {
    append_eltwise(post_ops, dnnl::algorithm::eltwise_relu, activation.negative_slope, 0);
    return true;
  }
  if (activation.negative_slope != 0) return false;
  append_eltwise(post_ops, dnnl::algorithm::eltwise_clip_v2, 0, activation.max_value);
  return true;
}

}  // namespace

bool append_activation(dnnl::post_ops& post_ops, const ops::Activation& activation) {
  using ops::ActivationKind;
  const auto append = [&](dnnl::algorithm algorithm, float alpha) {
    append_eltwise(post_ops, algorithm, alpha, 0);
    return true;
  };
  switch (activation.kind) {
    case ActivationKind::linear:
      return true;
    case ActivationKind::relu:
      return append_relu(post_ops, activation);
    case ActivationKind::sigmoid:
      return append(dnnl::algorithm::eltwise_logistic, 0);
    case ActivationKind::tanh:
      return append(dnnl::algorithm::eltwise_tanh, 0);
    case ActivationKind::silu:
      return append(dnnl::algorithm::eltwise_swish, 1);
    case ActivationKind::hard_silu:
      append_hard_silu(post_ops);
      return true;
    case ActivationKind::elu:
      return append(dnnl::algorithm::eltwise_elu, activation.alpha);
    case ActivationKind::gelu:
      return append(dnnl::algorithm::eltwise_gelu_erf, 0);
    case ActivationKind::gelu_tanh:
      return append(dnnl::algorithm::eltwise_gelu_tanh, 0);
    case ActivationKind::mish:
      return append(dnnl::algorithm::eltwise_mish, 0);
    case ActivationKind::hard_tanh:
      append_eltwise(post_ops, dnnl::algorithm::eltwise_clip_v2, -1, 1);
      return true;
    case ActivationKind::exponential:
      return append(dnnl::algorithm::eltwise_exp, 0);
    default:
      return false;
  }
}

}  // namespace graft::kernels::onednn_detail

// SPDX-License-Identifier: Apache-2.0
#include "kernels/onednn/compat.hpp"

#include "kernels/onednn/runtime.hpp"

namespace graft::kernels::onednn_detail {

using dnnl::algorithm;
using dnnl::prop_kind;
constexpr auto kDirect = algorithm::convolution_direct;

#if DNNL_VERSION_MAJOR >= 3

dnnl::convolution_forward::primitive_desc forward_desc(const ConvolutionProblem& p,
                                                       const dnnl::primitive_attr& attributes) {
  return {engine(),   prop_kind::forward_inference,
          kDirect,    p.src,
          p.weights,  p.bias,
          p.dst,      p.strides,
          p.dilation, p.pad_begin,
          p.pad_end,  attributes};
}

dnnl::convolution_backward_data::primitive_desc backward_data_desc(const ConvolutionProblem& p,
                                                                   const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::primitive_desc hint(engine(), prop_kind::forward_training, kDirect, p.src,
                                                       p.weights, p.dst, p.strides, p.dilation, p.pad_begin,
                                                       p.pad_end);
  return {engine(),   kDirect,     p.src,     p.weights, p.dst,     p.strides,
          p.dilation, p.pad_begin, p.pad_end, hint,      attributes};
}

dnnl::convolution_backward_weights::primitive_desc backward_weights_desc(
    const ConvolutionProblem& p, const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::primitive_desc hint(engine(), prop_kind::forward_training, kDirect, p.src,
                                                       p.forward_weights, p.bias, p.dst, p.strides,
                                                       p.dilation, p.pad_begin, p.pad_end);
  return {engine(),  kDirect,    p.src,       p.weights, p.bias, p.dst,
          p.strides, p.dilation, p.pad_begin, p.pad_end, hint,   attributes};
}

dnnl::matmul::primitive_desc product_desc(const ProductProblem& p, const dnnl::primitive_attr& attributes) {
  return {engine(), p.src, p.weights, p.bias, p.dst, attributes};
}

void append_eltwise(dnnl::post_ops& post_ops, algorithm algorithm, float alpha, float beta) {
  post_ops.append_eltwise(algorithm, alpha, beta);
}

void append_hard_silu(dnnl::post_ops& post_ops) {
  post_ops.append_eltwise(algorithm::eltwise_hardswish, 1.0F / 6.0F, 0.5F);
}

dnnl::memory::data_type data_type_of(const dnnl::memory::desc& desc) { return desc.get_data_type(); }

bool has_result_scales() { return false; }
void set_result_scales(dnnl::primitive_attr&, const std::vector<float>&) {}

#else

dnnl::convolution_forward::primitive_desc forward_desc(const ConvolutionProblem& p,
                                                       const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::desc wanted(prop_kind::forward_inference, kDirect, p.src, p.weights,
                                               p.bias, p.dst, p.strides, p.dilation, p.pad_begin, p.pad_end);
  dnnl::convolution_forward::primitive_desc found(wanted, attributes, engine());
  // Here, while `wanted` lives, which the search still reads.
  while (writes_behind_result(found) && found.next_impl()) {
  }
  return found;
}

dnnl::convolution_backward_data::primitive_desc backward_data_desc(const ConvolutionProblem& p,
                                                                   const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::primitive_desc hint(
      {prop_kind::forward_training, kDirect, p.src, p.weights, p.dst, p.strides, p.dilation, p.pad_begin,
       p.pad_end},
      engine());
  return {{kDirect, p.src, p.weights, p.dst, p.strides, p.dilation, p.pad_begin, p.pad_end},
          attributes,
          engine(),
          hint};
}

dnnl::convolution_backward_weights::primitive_desc backward_weights_desc(
    const ConvolutionProblem& p, const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::primitive_desc hint(
      {prop_kind::forward_training, kDirect, p.src, p.forward_weights, p.bias, p.dst, p.strides, p.dilation,
       p.pad_begin, p.pad_end},
      engine());
  return {{kDirect, p.src, p.weights, p.bias, p.dst, p.strides, p.dilation, p.pad_begin, p.pad_end},
          attributes,
          engine(),
          hint};
}

dnnl::matmul::primitive_desc product_desc(const ProductProblem& p, const dnnl::primitive_attr& attributes) {
  return {{p.src, p.weights, p.bias, p.dst}, attributes, engine()};
}

void append_eltwise(dnnl::post_ops& post_ops, algorithm algorithm, float alpha, float beta) {
  post_ops.append_eltwise(1.0F, algorithm, alpha, beta);
}

void append_hard_silu(dnnl::post_ops& post_ops) {
  post_ops.append_eltwise(1.0F, algorithm::eltwise_hardswish, 0, 0);
}

dnnl::memory::data_type data_type_of(const dnnl::memory::desc& desc) { return desc.data_type(); }

bool has_result_scales() { return true; }
void set_result_scales(dnnl::primitive_attr& attributes, const std::vector<float>& scales) {
  constexpr int kByChannel = 1 << 1;
  attributes.set_output_scales(kByChannel, scales);
}

#endif

}  // namespace graft::kernels::onednn_detail

// SPDX-License-Identifier: Apache-2.0
// oneDNN 2.6 describes an operation in two steps, 3.x in one, and some eltwise parameters moved. The
// difference ends in compat.cpp; everything else of kernels/onednn is written against the common part.
#pragma once

#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

namespace graft::kernels::onednn_detail {

/// A convolution in oneDNN's terms: dims (N, C, H, W) in any memory order, dilation 0 = dense. A bias
/// that is absent is a zero desc.
struct ConvolutionProblem {
  dnnl::memory::desc src, weights, bias, dst;
  dnnl::memory::dims strides, dilation, pad_begin, pad_end;
  /// The weights in src's element type: what the forward pass has whose gradient may be of another type.
  dnnl::memory::desc forward_weights;
};
[[nodiscard]] dnnl::convolution_forward::primitive_desc forward_desc(const ConvolutionProblem& problem,
                                                                     const dnnl::primitive_attr& attributes);
[[nodiscard]] dnnl::convolution_backward_data::primitive_desc backward_data_desc(
    const ConvolutionProblem& problem, const dnnl::primitive_attr& attributes);
[[nodiscard]] dnnl::convolution_backward_weights::primitive_desc backward_weights_desc(
    const ConvolutionProblem& problem, const dnnl::primitive_attr& attributes);

/// dst = src weights + bias; bias may be a zero desc.
struct ProductProblem {
  dnnl::memory::desc src, weights, bias, dst;
};
[[nodiscard]] dnnl::matmul::primitive_desc product_desc(const ProductProblem& problem,
                                                        const dnnl::primitive_attr& attributes);

/// True where this oneDNN accepts factors of the result, one per channel, in its attributes; oneDNN 3.x
/// accepts them in another way, and graft has no 8-bit products with it yet.
[[nodiscard]] bool has_result_scales();
/// result = scale (sum + bias), one scale a channel; before all post-ops.
void set_result_scales(dnnl::primitive_attr& attributes, const std::vector<float>& scales);

/// The type of a memory's elements.
[[nodiscard]] dnnl::memory::data_type data_type_of(const dnnl::memory::desc& desc);

/// Appends an elementwise function to run on the result.
void append_eltwise(dnnl::post_ops& post_ops, dnnl::algorithm algorithm, float alpha, float beta);
/// x clip(x / 6 + 1/2, 0, 1).
void append_hard_silu(dnnl::post_ops& post_ops);

}  // namespace graft::kernels::onednn_detail

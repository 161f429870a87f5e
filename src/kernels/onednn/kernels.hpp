// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "kernels/onednn/compat.hpp"
#include "kernels/onednn/runtime.hpp"

namespace graft::kernels::onednn_detail {

/// Our convolution in oneDNN's terms.
struct ConvolutionSizes {
  WindowExtents extents;
  ops::Window window;
  std::int64_t groups = 1;
  DType src = DType::float32, weights = DType::float32, dst = DType::float32;

  /// src and dst as (N, H, W, C) in memory, weights in any layout.
  [[nodiscard]] ConvolutionProblem problem(bool with_bias) const;
  /// The desc of a Keras kernel (kh, kw, C / groups, F) under oneDNN's dims (F, C, kh, kw), with groups
  /// (groups, F / groups, C / groups, kh, kw).
  [[nodiscard]] dnnl::memory::desc keras_kernel(DType dtype = DType::float32) const;
  /// Whether some window lies wholly in the padding. oneDNN 2.6's kernels for AMX crash there.
  [[nodiscard]] bool has_window_in_padding() const;
  friend bool operator==(const ConvolutionSizes&, const ConvolutionSizes&) = default;

 private:
  [[nodiscard]] dnnl::memory::dims kernel_dims() const;
};

// Each returns a kernel, or null where oneDNN has no implementation; may throw dnnl::error.
std::unique_ptr<Kernel> make(const ops::Convolution& op, const Spec& spec);
/// Null where the image has not few pixels and the kernel many weights: see by_channels.cpp.
std::unique_ptr<Kernel> make_by_channels(const ops::Convolution& op, const Spec& spec,
                                         const ConvolutionSizes& sizes);
std::unique_ptr<Kernel> make(const ops::ConvolutionBackwardInput& op, const Spec& spec);
std::unique_ptr<Kernel> make(const ops::ConvolutionBackwardKernel& op, const Spec& spec);
std::unique_ptr<Kernel> make(const ops::Dense& op, const Spec& spec);
std::unique_ptr<Kernel> make(const ops::DenseBackwardInput& op, const Spec& spec);
std::unique_ptr<Kernel> make(const ops::DenseBackwardKernel& op, const Spec& spec);
std::unique_ptr<Kernel> make(const ops::MatMul& op, const Spec& spec);
/// Null where matrix products are not faster than oneDNN's own kernels: see kernel_gradient.cpp.
std::unique_ptr<Kernel> make_kernel_gradient(const ops::ConvolutionBackwardKernel& op, const Spec& spec);
/// Convolution or Dense of an input of 8 bits: see eight_bit.cpp.
std::unique_ptr<Kernel> make_eight_bit(const Spec& spec);

/// Which steps after a forward product oneDNN fused; the kernel does the others.
struct Fusion {
  [[nodiscard]] bool everything() const { return residual && activation; }
  friend bool operator==(const Fusion&, const Fusion&) = default;

  bool residual = true;
  bool activation = true;
};

/// Makes a primitive_desc: fused where a fast implementation exists, else not. describe(fusion,
/// attributes) creates the desc.
template <typename Describe>
auto best_desc(const ops::Activation& activation, const std::optional<dnnl::memory::desc>& residual,
               Fusion& fusion, const Describe& describe) {
  const auto attempt =
      [&](const Fusion& wanted) -> std::optional<decltype(describe(dnnl::primitive_attr()))> {
    dnnl::post_ops post_ops;
    if (residual && wanted.residual) post_ops.append_binary(dnnl::algorithm::binary_add, *residual);
    if (wanted.activation && !append_activation(post_ops, activation)) return std::nullopt;
    try {
      auto desc = describe(attributes_with(post_ops));
      if (residual && wanted.residual && (!adds_residual(desc) || writes_behind_result(desc)))
        return std::nullopt;
      return desc;
    } catch (const dnnl::error& error) {
      if (error.status != dnnl_unimplemented) throw;
      return std::nullopt;
    }
  };
  std::optional<decltype(describe(dnnl::primitive_attr()))> slow;
  for (const Fusion& wanted : {Fusion{true, true}, Fusion{true, false}, Fusion{false, false}}) {
    auto desc = attempt(wanted);
    if (!desc || (is_slow(*desc) && slow)) continue;
    fusion = wanted;
    if (!is_slow(*desc)) return desc;
    slow = std::move(desc);
  }
  return slow;
}

}  // namespace graft::kernels::onednn_detail

// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "kernels/onednn/kernels.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/swish.hpp"

namespace graft::kernels::onednn_detail {

using dnnl::memory;

memory::dims ConvolutionSizes::kernel_dims() const {
  const WindowExtents& e = extents;
  if (groups == 1) return {e.f, e.c, window.height, window.width};
  return {groups, e.f / groups, e.c / groups, window.height, window.width};
}

memory::desc ConvolutionSizes::keras_kernel(DType dtype) const {
  const std::int64_t f = extents.f;
  const std::int64_t column = extents.c / groups * f;
  const std::int64_t row = window.width * column;
  if (groups == 1) return plain(kernel_dims(), {1, f, row, column}, dtype);
  return plain(kernel_dims(), {f / groups, 1, f, row, column}, dtype);
}

ConvolutionProblem ConvolutionSizes::problem(bool with_bias) const {
  const WindowExtents& e = extents;
  return {.src = image({e.n, e.h, e.w, e.c}, src),
          .weights = any_layout(kernel_dims(), weights),
          .bias = with_bias ? vector(e.f) : memory::desc(),
          .dst = image({e.n, e.oh, e.ow, e.f}, dst),
          .strides = {window.stride_height, window.stride_width},
          .dilation = {window.dilation_height - 1, window.dilation_width - 1},
          .pad_begin = {window.pad_top, window.pad_left},
          .pad_end = {window.pad_bottom, window.pad_right},
          .forward_weights = any_layout(kernel_dims(), src)};
}

namespace {

class Convolution final : public Kernel {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;

 public:
  /// concurrency: as in Spec.
  Convolution(const ops::Convolution& op, const ConvolutionSizes& sizes,
              const dnnl::convolution_forward::primitive_desc& desc, const Fusion& fusion, int concurrency)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        activation_(op.activation),
        fusion_(fusion),
        weights_(sizes.keras_kernel(), desc.weights_desc()) {
    const dnnl::convolution_forward primitive(desc);
    for (int i = 0; i < concurrency; ++i) {
      PrimitiveCall& call = calls_.emplace_back(primitive, desc.scratchpad_desc());
      call.add_unbound(DNNL_ARG_SRC, desc.src_desc());
      call.add(DNNL_ARG_WEIGHTS, weights_.memory());
      call.add_unbound(DNNL_ARG_DST, desc.dst_desc());
    }
    const WindowExtents& e = sizes.extents;
    count_ = static_cast<std::size_t>(e.n * e.oh * e.ow * e.f);
  }

  void add_bias(const memory::desc& desc) {
    for (PrimitiveCall& call : calls_) call.add_unbound(DNNL_ARG_BIAS, desc);
  }
  void add_residual(const memory::desc& desc) {
    if (!fusion_.residual) return;
    for (PrimitiveCall& call : calls_) call.add_unbound(kResidual, desc);
  }

  void pack(Inputs inputs) override { weights_.pack(in(inputs, In::kernel)); }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    PrimitiveCall& call = calls_.at(context.thread);
    call.bind(DNNL_ARG_SRC, in_view(inputs, In::x));
    call.bind(DNNL_ARG_DST, out_view(outputs, Out::y));
    weights_.prepare(in(inputs, In::kernel));
    if (call.has(DNNL_ARG_BIAS)) call.bind(DNNL_ARG_BIAS, in_view(inputs, In::bias));
    if (call.has(kResidual)) call.bind(kResidual, in_view(inputs, In::residual));
    call.run("Convolution");
    if (!fusion_.residual && inputs.size() > 3 && in_view(inputs, In::residual).data != nullptr) {
      vectors::add(activation_, out(outputs, Out::y), in(inputs, In::residual), out(outputs, Out::y), count_);
    } else if (!fusion_.activation) {
      activate(out_view(outputs, Out::y));
    }
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  static constexpr int kResidual = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;

  void activate(const MutableView& y) const {
    if (y.dtype == DType::float32)
      return vectors::activate(activation_, y.as<float>(), y.as<float>(), count_);
    // The only activation of bfloat16 results that is not fused is swish.
    auto* bits = y.as<std::uint16_t>();
    vectors::for_each_block(count_, [bits](std::size_t begin, std::size_t end) {
      vectors::swish(bits + begin, bits + begin, end - begin);
    });
  }

  std::string implementation_;
  ops::Activation activation_;
  Fusion fusion_;
  PackedWeights weights_;
  std::vector<PrimitiveCall> calls_;  ///< by RunContext::thread
  std::size_t count_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make(const ops::Convolution& op, const Spec& spec) {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;
  // In mixed precision the packed copy of the weights is bfloat16, as oneDNN wants all factors of one type.
  const DType low = spec.in(In::x).dtype;
  const ConvolutionSizes sizes{.extents = window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape),
                               .window = op.window,
                               .groups = op.groups,
                               .src = low,
                               .weights = low,
                               .dst = spec.out(Out::y).dtype};
  const ConvolutionProblem problem = sizes.problem(spec.has_in(In::bias));
  const bool with_residual = spec.has_in(In::residual);
  std::optional<memory::desc> residual;
  if (with_residual) {
    const WindowExtents& e = sizes.extents;
    residual = image({e.n, e.oh, e.ow, e.f}, spec.in(In::residual).dtype);
  }
  // oneDNN's own swish takes a fifth of EfficientNet's time.
  const bool own_swish = vectors::has_fast_swish(op.activation);
  Fusion fusion;
  const auto desc =
      best_desc(own_swish ? ops::Activation() : op.activation, residual, fusion,
                [&](const dnnl::primitive_attr& attributes) { return forward_desc(problem, attributes); });
  if (!desc || (any_bfloat16(spec) && !fusion.everything())) return nullptr;
  if (own_swish) fusion.activation = false;
  auto kernel = std::make_unique<Convolution>(op, sizes, *desc, fusion, spec.concurrency);
  if (spec.has_in(In::bias)) kernel->add_bias(problem.bias);
  if (with_residual) kernel->add_residual(*residual);
  return kernel;
}

}  // namespace graft::kernels::onednn_detail

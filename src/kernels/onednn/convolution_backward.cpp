// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "graft/tensor.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/thread_scratch.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;

class BackwardInput final : public Kernel {
  using In = ops::ConvolutionBackwardInput::In;
  using Out = ops::ConvolutionBackwardInput::Out;

 public:
  /// concurrency: as in Spec.
  BackwardInput(const ConvolutionSizes& sizes, const dnnl::convolution_backward_data::primitive_desc& desc,
                int concurrency)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        weights_(sizes.keras_kernel(), desc.weights_desc()),
        uses_openmp_(concurrency == 1 && is_divided_by_onednn()) {
    const dnnl::convolution_backward_data primitive(desc);
    for (int i = 0; i < concurrency; ++i) {
      PrimitiveCall& call = calls_.emplace_back(primitive, desc.scratchpad_desc());
      call.add_unbound(DNNL_ARG_DIFF_DST, desc.diff_dst_desc());
      call.add(DNNL_ARG_WEIGHTS, weights_.memory());
      call.add_unbound(DNNL_ARG_DIFF_SRC, desc.diff_src_desc());
    }
  }
  void pack(Inputs inputs) override { weights_.pack(in(inputs, In::kernel)); }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    PrimitiveCall& call = calls_.at(context.thread);
    call.bind(DNNL_ARG_DIFF_DST, in_view(inputs, In::dy));
    weights_.prepare(in(inputs, In::kernel));
    call.bind(DNNL_ARG_DIFF_SRC, out_view(outputs, Out::dx));
    call.run("ConvolutionBackwardInput");
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return true; }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  PackedWeights weights_;
  bool uses_openmp_;
  std::vector<PrimitiveCall> calls_;  ///< by RunContext::thread
};

class BackwardKernel final : public Kernel {
  using In = ops::ConvolutionBackwardKernel::In;
  using Out = ops::ConvolutionBackwardKernel::Out;

 public:
  BackwardKernel(const ConvolutionSizes& sizes,
                 const dnnl::convolution_backward_weights::primitive_desc& desc)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        theirs_(unbound(desc.diff_weights_desc())),
        same_layout_(desc.diff_weights_desc() == sizes.keras_kernel()),
        call_(dnnl::convolution_backward_weights(desc), desc.scratchpad_desc()) {
    // In bfloat16 oneDNN 2.6 multiplies scratch memory that it has not written by zeros: NaN must not be
    // there.
    if (sizes.src == DType::bfloat16) call_.own_scratch();
    scratch_bytes_ = call_.scratch_bytes();
    call_.add_unbound(DNNL_ARG_SRC, desc.src_desc());
    call_.add_unbound(DNNL_ARG_DIFF_DST, desc.diff_dst_desc());
    if (same_layout_) {
      call_.add_unbound(DNNL_ARG_DIFF_WEIGHTS, desc.diff_weights_desc());
    } else {
      call_.add(DNNL_ARG_DIFF_WEIGHTS, theirs_);
      reorder_result(sizes.keras_kernel());
    }
  }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  void add_bias(const memory::desc& desc) { call_.add_unbound(DNNL_ARG_DIFF_BIAS, desc); }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    call_.bind(DNNL_ARG_SRC, in_view(inputs, In::x));
    call_.bind(DNNL_ARG_DIFF_DST, in_view(inputs, In::dy));
    if (same_layout_) {
      call_.bind(DNNL_ARG_DIFF_WEIGHTS, out_view(outputs, Out::dkernel));
    } else {
      reorder_.bind(DNNL_ARG_TO, out_view(outputs, Out::dkernel));
    }
    if (call_.has(DNNL_ARG_DIFF_BIAS)) call_.bind(DNNL_ARG_DIFF_BIAS, out_view(outputs, Out::dbias));
    std::byte* result = thread_scratch(result_bytes_ + scratch_bytes_);
    if (!same_layout_) theirs_.set_data_handle(result);
    std::byte* scratch = result + result_bytes_;
    call_.run_in(scratch, "ConvolutionBackwardKernel");
    if (!same_layout_) reorder_.run_in(scratch, "ConvolutionBackwardKernel");
  }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  void reorder_result(const memory::desc& ours) {
    result_bytes_ = whole_lines(theirs_.get_desc().get_size());
    const dnnl::reorder::primitive_desc desc(engine(), theirs_.get_desc(), engine(), ours,
                                             attributes_with({}));
    reorder_ = PrimitiveCall(dnnl::reorder(desc), desc.scratchpad_desc());
    reorder_.add(DNNL_ARG_FROM, theirs_);
    reorder_.add_unbound(DNNL_ARG_TO, ours);
    scratch_bytes_ = std::max(scratch_bytes_, reorder_.scratch_bytes());
  }

  std::string implementation_;
  memory theirs_;  ///< the gradient in oneDNN's layout, where that differs from ours
  bool same_layout_;
  bool uses_openmp_ = is_divided_by_onednn();
  PrimitiveCall call_, reorder_;
  std::size_t result_bytes_ = 0;   ///< of theirs_
  std::size_t scratch_bytes_ = 0;  ///< of either call
};

}  // namespace

std::unique_ptr<Kernel> make(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardInput::In;
  using Out = ops::ConvolutionBackwardInput::Out;
  const DType low = spec.in(In::dy).dtype;
  const ConvolutionSizes sizes{
      .extents = window_extents(spec, spec.out(Out::dx).shape, spec.in(In::dy).shape),
      .window = op.window,
      .groups = op.groups,
      .src = spec.out(Out::dx).dtype,
      .weights = low,
      .dst = low};
  const auto desc = backward_data_desc(sizes.problem(false), attributes_with({}));
  return std::make_unique<BackwardInput>(sizes, desc, spec.concurrency);
}

std::unique_ptr<Kernel> make(const ops::ConvolutionBackwardKernel& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardKernel::In;
  using Out = ops::ConvolutionBackwardKernel::Out;
  if (auto products = make_kernel_gradient(op, spec)) return products;
  const ConvolutionSizes sizes{.extents = window_extents(spec, spec.in(In::x).shape, spec.in(In::dy).shape),
                               .window = op.window,
                               .groups = op.groups,
                               .src = spec.in(In::x).dtype,
                               .dst = spec.in(In::dy).dtype};
  const ConvolutionProblem problem = sizes.problem(spec.has_out(Out::dbias));
  auto kernel = std::make_unique<BackwardKernel>(sizes, backward_weights_desc(problem, attributes_with({})));
  if (spec.has_out(Out::dbias)) kernel->add_bias(problem.bias);
  return kernel;
}

}  // namespace graft::kernels::onednn_detail

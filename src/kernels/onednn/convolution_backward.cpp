// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "graft/tensor/tensor.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/shared/thread_scratch.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;

class BackwardInput final : public Kernel {
 public:
  /// at_once: threads that are in run() at once.
  BackwardInput(const ConvolutionSizes& sizes, const dnnl::convolution_backward_data::primitive_desc& desc,
                int at_once)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        weights_(sizes.keras_kernel(), desc.weights_desc()) {
    const dnnl::convolution_backward_data primitive(desc);
    for (int i = 0; i < at_once; ++i) {
      PrimitiveCall& call = calls_.emplace_back(primitive, desc.scratchpad_desc());
      call.add_unbound(DNNL_ARG_DIFF_DST, desc.diff_dst_desc());
      call.add(DNNL_ARG_WEIGHTS, weights_.memory());
      call.add_unbound(DNNL_ARG_DIFF_SRC, desc.diff_src_desc());
    }
  }
  void pack(Inputs inputs) override { weights_.pack(in(inputs, 1)); }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    PrimitiveCall& call = calls_.at(context.thread);
    call.bind(DNNL_ARG_DIFF_DST, inputs[0]);
    weights_.prepare(in(inputs, 1));
    call.bind(DNNL_ARG_DIFF_SRC, outputs[0]);
    call.run("ConvolutionBackwardInput");
  }
  [[nodiscard]] bool runs_at_once() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  PackedWeights weights_;
  std::vector<PrimitiveCall> calls_;  ///< by RunContext::thread
};

class BackwardKernel final : public Kernel {
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
  void add_bias(const memory::desc& desc) { call_.add_unbound(DNNL_ARG_DIFF_BIAS, desc); }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    call_.bind(DNNL_ARG_SRC, inputs[0]);
    call_.bind(DNNL_ARG_DIFF_DST, inputs[1]);
    if (same_layout_) {
      call_.bind(DNNL_ARG_DIFF_WEIGHTS, outputs[0]);
    } else {
      reorder_.bind(DNNL_ARG_TO, outputs[0]);
    }
    if (call_.has(DNNL_ARG_DIFF_BIAS)) call_.bind(DNNL_ARG_DIFF_BIAS, outputs[1]);
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
  PrimitiveCall call_, reorder_;
  std::size_t result_bytes_ = 0;   ///< of theirs_
  std::size_t scratch_bytes_ = 0;  ///< of either call
};

}  // namespace

std::unique_ptr<Kernel> make(const ops::ConvolutionBackwardInput& op, const Spec& spec) {
  const DType low = spec.inputs[0].dtype;
  const ConvolutionSizes sizes{.extents = window_extents(spec, spec.outputs[0].shape, spec.inputs[0].shape),
                               .window = op.window,
                               .groups = op.groups,
                               .src = spec.outputs[0].dtype,
                               .weights = low,
                               .dst = low};
  const auto desc = backward_data_desc(sizes.problem(false), attributes_with({}));
  return std::make_unique<BackwardInput>(sizes, desc, spec.at_once);
}

std::unique_ptr<Kernel> make(const ops::ConvolutionBackwardKernel& op, const Spec& spec) {
  if (auto products = make_kernel_gradient(op, spec)) return products;
  const ConvolutionSizes sizes{.extents = window_extents(spec, spec.inputs[0].shape, spec.inputs[1].shape),
                               .window = op.window,
                               .groups = op.groups,
                               .src = spec.inputs[0].dtype,
                               .dst = spec.inputs[1].dtype};
  const ConvolutionProblem problem = sizes.problem(has(spec.outputs, 1));
  auto kernel = std::make_unique<BackwardKernel>(sizes, backward_weights_desc(problem, attributes_with({})));
  if (has(spec.outputs, 1)) kernel->add_bias(problem.bias);
  return kernel;
}

}  // namespace graft::kernels::onednn_detail

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "graft/tensor/tensor.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/shared_memory.hpp"

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
      Arguments& own = arguments_.emplace_back();
      own.diff_dst = unbound(desc.diff_dst_desc());
      own.diff_src = unbound(desc.diff_src_desc());
      own.execution = Execution(primitive, desc.scratchpad_desc());
      own.execution.add(DNNL_ARG_DIFF_DST, own.diff_dst);
      own.execution.add(DNNL_ARG_WEIGHTS, weights_.memory());
      own.execution.add(DNNL_ARG_DIFF_SRC, own.diff_src);
    }
  }
  void pack(Inputs inputs) override { weights_.pack(in(inputs, 1)); }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    Arguments& own = arguments_.at(context.thread);
    bind(own.diff_dst, inputs[0]);
    weights_.prepare(inputs[1]);
    bind(own.diff_src, outputs[0]);
    own.execution.run("ConvolutionBackwardInput");
  }
  [[nodiscard]] bool runs_at_once() const override { return true; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  /// Those of one thread.
  struct Arguments {
    memory diff_dst, diff_src;
    Execution execution;
  };

  std::string implementation_;
  PackedWeights weights_;
  std::vector<Arguments> arguments_;  ///< of each thread that runs at once
};

class BackwardKernel final : public Kernel {
 public:
  BackwardKernel(const ConvolutionSizes& sizes,
                 const dnnl::convolution_backward_weights::primitive_desc& desc)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        src_(unbound(desc.src_desc())),
        diff_dst_(unbound(desc.diff_dst_desc())),
        theirs_(unbound(desc.diff_weights_desc())),
        ours_(unbound(sizes.keras_kernel())),
        same_layout_(desc.diff_weights_desc() == sizes.keras_kernel()),
        execution_(dnnl::convolution_backward_weights(desc), desc.scratchpad_desc()) {
    // In bfloat16 oneDNN 2.6 multiplies scratch memory that it has not written by zeros: NaN must not be
    // there.
    if (sizes.src == DType::bfloat16) execution_.own_scratch();
    scratch_bytes_ = execution_.scratch_bytes();
    execution_.add(DNNL_ARG_SRC, src_);
    execution_.add(DNNL_ARG_DIFF_DST, diff_dst_);
    execution_.add(DNNL_ARG_DIFF_WEIGHTS, theirs_);
    if (!same_layout_) reorder_result();
  }
  void add_bias(const memory::desc& desc) {
    bias_ = unbound(desc);
    execution_.add(DNNL_ARG_DIFF_BIAS, bias_);
  }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    bind(src_, inputs[0]);
    bind(diff_dst_, inputs[1]);
    bind(same_layout_ ? theirs_ : ours_, outputs[0]);
    if (bias_) bind(bias_, outputs[1]);
    std::byte* result = shared_memory(result_bytes_ + scratch_bytes_);
    if (!same_layout_) theirs_.set_data_handle(result);
    std::byte* scratch = result + result_bytes_;
    execution_.run_in(scratch, "ConvolutionBackwardKernel");
    if (!same_layout_) reorder_.run_in(scratch, "ConvolutionBackwardKernel");
  }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  void reorder_result() {
    result_bytes_ = whole_lines(theirs_.get_desc().get_size());
    const dnnl::reorder::primitive_desc desc(engine(), theirs_.get_desc(), engine(), ours_.get_desc(),
                                             attributes_with({}));
    reorder_ = Execution(dnnl::reorder(desc), desc.scratchpad_desc());
    reorder_.add(DNNL_ARG_FROM, theirs_);
    reorder_.add(DNNL_ARG_TO, ours_);
    scratch_bytes_ = std::max(scratch_bytes_, reorder_.scratch_bytes());
  }

  std::string implementation_;
  memory src_, diff_dst_, theirs_, ours_, bias_;
  bool same_layout_;
  Execution execution_;
  Execution reorder_;
  std::size_t result_bytes_ = 0;   ///< in their layout, where that is another
  std::size_t scratch_bytes_ = 0;  ///< of either execution
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

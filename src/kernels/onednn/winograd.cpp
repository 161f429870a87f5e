// SPDX-License-Identifier: Apache-2.0
// 3 x 3 convolutions in float32 with a half to a third of the multiplications: Winograd's minimal filtering,
// by Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015. oneDNN has it for layouts of
// its own; a few samples at a time are brought into them and back while they are in the cache. Results differ
// from those of direct sums by about a millionth of their root mean square, as sums in another order do.
#include <algorithm>

#include "graft/tensor/tensor.hpp"

#include "kernels/native/loops.hpp"
#include "kernels/onednn/kernels.hpp"
#include "kernels/shared_memory.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;

/// What a few samples and their results may take in memory.
constexpr std::int64_t kBytesAtATime = std::int64_t{8} << 20;
/// Fewer pixels do not pay for reading transformed weights, which are up to four times as many.
constexpr std::int64_t kFewestPixels = 196;
constexpr std::int64_t kFewestChannels = 64;
constexpr std::int64_t kFewestResults = 32;
constexpr std::int64_t kVector = 16;

bool fits(const ops::Convolution& op, const Spec& spec, const WindowExtents& e) {
  const ops::Window& window = op.window;
  return !any_low(spec) && spec.inputs[1].constant && op.groups == 1 && window.height == 3 &&
         window.width == 3 && window.stride_height == 1 && window.stride_width == 1 &&
         window.dilation_height == 1 && window.dilation_width == 1 && e.c % kVector == 0 &&
         e.f % kVector == 0 && e.c >= kFewestChannels && e.f >= kFewestResults &&
         e.n * e.oh * e.ow >= kFewestPixels;
}

/// Samples at a time: a divisor of the batch.
std::int64_t samples_at_a_time(const WindowExtents& e) {
  const std::int64_t sample =
      (e.h * e.w * e.c + e.oh * e.ow * e.f) * static_cast<std::int64_t>(sizeof(float));
  std::int64_t samples = std::clamp<std::int64_t>(kBytesAtATime / std::max<std::int64_t>(sample, 1), 1, e.n);
  while (e.n % samples != 0) --samples;
  return samples;
}

Execution reordering(const memory& from, const memory& to) {
  const dnnl::reorder::primitive_desc desc(engine(), from.get_desc(), engine(), to.get_desc(),
                                           attributes_with({}));
  Execution execution(dnnl::reorder(desc), desc.scratchpad_desc());
  execution.add(DNNL_ARG_FROM, from);
  execution.add(DNNL_ARG_TO, to);
  return execution;
}

/// Weights in Winograd's domain. oneDNN makes them from its plain order alone.
class TransformedWeights {
 public:
  TransformedWeights(const memory::desc& keras, const memory::desc& plain, const memory::desc& theirs)
      : keras_(keras), plain_(plain), storage_(allocate_aligned(theirs.get_size())) {
    theirs_ = memory(theirs, engine(), storage_.get());
  }
  [[nodiscard]] const memory& get() const { return theirs_; }
  void pack(const float* weights) {
    if (weights == nullptr) return;
    const memory keras(keras_, engine(), const_cast<float*>(weights));
    const std::shared_ptr<void> copy = allocate_aligned(plain_.get_size());
    const memory plain(plain_, engine(), copy.get());
    reordering(keras, plain).run("packing weights");
    reordering(plain, theirs_).run("packing weights");
  }

 private:
  memory::desc keras_, plain_;
  std::shared_ptr<void> storage_;
  memory theirs_;
};

class WinogradConvolution final : public Kernel {
 public:
  using Desc = dnnl::convolution_forward::primitive_desc;

  WinogradConvolution(const ops::Convolution& op, const ConvolutionSizes& few, std::int64_t samples,
                      const Desc& desc, bool fused)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        activation_(op.activation),
        fused_(fused),
        rounds_(samples / few.extents.n),
        x_(unbound(few.problem(false).src)),
        y_(unbound(few.problem(false).dst)),
        theirs_x_(unbound(desc.src_desc())),
        theirs_y_(unbound(desc.dst_desc())),
        scratch_(unbound(desc.scratchpad_desc())),
        weights_(few.keras_kernel(), plain_order(few), desc.weights_desc()),
        take_(reordering(x_, theirs_x_)),
        convolution_(dnnl::convolution_forward(desc), memory::desc()),
        give_(reordering(theirs_y_, y_)) {
    convolution_.add(DNNL_ARG_SRC, theirs_x_);
    convolution_.add(DNNL_ARG_WEIGHTS, weights_.get());
    convolution_.add(DNNL_ARG_DST, theirs_y_);
    convolution_.add(DNNL_ARG_SCRATCHPAD, scratch_);
    const WindowExtents& e = few.extents;
    x_count_ = static_cast<std::size_t>(e.n * e.h * e.w * e.c);
    y_count_ = static_cast<std::size_t>(e.n * e.oh * e.ow * e.f);
    for (const memory* part : {&theirs_x_, &theirs_y_, &scratch_}) bytes_ += size_of(*part);
  }

  void add_bias(const memory::desc& desc) {
    bias_ = unbound(desc);
    convolution_.add(DNNL_ARG_BIAS, bias_);
  }

  void pack(Inputs inputs) override { weights_.pack(in(inputs, 1)); }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    std::byte* shared = shared_memory(bytes_);
    for (memory* part : {&theirs_x_, &theirs_y_, &scratch_}) {
      part->set_data_handle(shared);
      shared += size_of(*part);
    }
    if (bias_) bind(bias_, inputs[2]);
    const float* residual = in(inputs, 3);
    for (std::int64_t round = 0; round < rounds_; ++round) {
      const auto at = static_cast<std::size_t>(round);
      float* y = outputs[0] + at * y_count_;
      bind(x_, inputs[0] + at * x_count_);
      bind(y_, y);
      take_.run("Convolution");
      convolution_.run("Convolution");
      give_.run("Convolution");
      if (residual != nullptr) {
        loops::add(activation_, y, residual + at * y_count_, y, y_count_);
      } else if (!fused_) {
        loops::activate(activation_, y, y, y_count_);
      }
    }
  }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  static std::size_t size_of(const memory& part) { return whole_lines(part.get_desc().get_size()); }
  static memory::desc plain_order(const ConvolutionSizes& sizes) {
    const WindowExtents& e = sizes.extents;
    return {{e.f, e.c, 3, 3}, memory::data_type::f32, memory::format_tag::oihw};
  }

  std::string implementation_;
  ops::Activation activation_;
  bool fused_;
  std::int64_t rounds_;
  memory x_, y_, theirs_x_, theirs_y_, scratch_, bias_;
  TransformedWeights weights_;
  Execution take_, convolution_, give_;
  std::size_t x_count_ = 0, y_count_ = 0, bytes_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_winograd(const ops::Convolution& op, const Spec& spec) {
  ConvolutionSizes few{.extents = window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape),
                       .window = op.window};
  if (!fits(op, spec, few.extents)) return nullptr;
  const std::int64_t samples = few.extents.n;
  few.extents.n = samples_at_a_time(few.extents);
  const WindowExtents& e = few.extents;
  ConvolutionProblem problem = few.problem(has(spec.inputs, 2));
  problem.winograd = true;
  problem.src = any_layout({e.n, e.c, e.h, e.w});
  problem.dst = any_layout({e.n, e.f, e.oh, e.ow});
  // What a residual is added to is not activated yet.
  const bool with_residual = has(spec.inputs, 3);
  Fusion fusion;
  const auto desc =
      best_desc(with_residual ? ops::Activation() : op.activation, std::nullopt, fusion,
                [&](const dnnl::primitive_attr& attributes) { return forward_desc(problem, attributes); });
  if (!desc || is_slow(*desc)) return nullptr;
  auto kernel = std::make_unique<WinogradConvolution>(op, few, samples, *desc, fusion.activation);
  if (has(spec.inputs, 2)) kernel->add_bias(problem.bias);
  return kernel;
}

}  // namespace graft::kernels::onednn_detail

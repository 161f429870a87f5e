// SPDX-License-Identifier: Apache-2.0
// Convolutions of one small image with many weights: each thread computes some of the output channels, so
// that it reads only their weights. (Threads that divide the image's pixels would each read all weights.)
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/execution_scope.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/onednn/parts.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/swish.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;
using Desc = dnnl::convolution_forward::primitive_desc;

/// Weights of at least this many elements, and this many times those of the image.
constexpr std::int64_t kFewestWeights = 1LL << 18;
constexpr std::int64_t kLessImage = 4;
/// oneDNN computes channels in blocks of this many.
constexpr std::int64_t kBlock = 64;

bool is_by_channels(const ConvolutionSizes& sizes, const Spec& spec) {
  const WindowExtents& e = sizes.extents;
  const std::int64_t weights = e.c * e.f * sizes.window.height * sizes.window.width;
  return spec.concurrency == 1 && num_threads() > 1 && sizes.groups == 1 && e.n == 1 &&
         !any_not_float32(spec) && e.f >= kBlock * num_threads() && weights >= kFewestWeights &&
         weights >= kLessImage * e.h * e.w * e.c;
}

/// The Keras kernel's `count` output channels from its data's first element on.
memory::desc kernel_of(const ConvolutionSizes& sizes, std::int64_t count) {
  const std::int64_t column = sizes.extents.c * sizes.extents.f;
  return plain({count, sizes.extents.c, sizes.window.height, sizes.window.width},
               {1, sizes.extents.f, sizes.window.width * column, column});
}

/// Some output channels, computed into a separate buffer and copied from there to y.
class Channels {
 public:
  Channels(const Desc& desc, const memory::desc& kernel, std::int64_t first, std::int64_t count, bool bias)
      : first_(static_cast<std::size_t>(first)),
        count_(static_cast<std::size_t>(count)),
        result_bytes_(whole_lines(desc.dst_desc().get_size())),
        weights_(kernel, desc.weights_desc()),
        call_(dnnl::convolution_forward(desc), desc.scratchpad_desc()) {
    call_.add_unbound(DNNL_ARG_SRC, desc.src_desc());
    call_.add(DNNL_ARG_WEIGHTS, weights_.memory());
    call_.add_unbound(DNNL_ARG_DST, desc.dst_desc());
    if (bias) call_.add_unbound(DNNL_ARG_BIAS, vector(count));
  }
  void pack(const float* kernel) { weights_.pack(kernel == nullptr ? nullptr : kernel + first_); }
  void prepare(const float* kernel) { weights_.prepare(kernel + first_); }
  /// The result (pixels, count()), in the calling thread's scratch memory.
  float* run(const View& x, const View& bias) {
    std::byte* const memory = thread_scratch(result_bytes_ + call_.scratch_bytes());
    const View result{memory, DType::float32};
    call_.bind(DNNL_ARG_SRC, x);
    call_.bind(DNNL_ARG_DST, result);
    if (bias.data != nullptr)
      call_.bind(DNNL_ARG_BIAS, from_element(bias, static_cast<std::int64_t>(first_)));
    call_.run_in(memory + result_bytes_, "Convolution");
    return MutableView{memory, DType::float32}.as<float>();
  }
  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::size_t first_, count_;
  std::size_t result_bytes_;
  PackedWeights weights_;
  PrimitiveCall call_;
};

class ConvolutionByChannels final : public Kernel {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;

 public:
  ConvolutionByChannels(std::string implementation, const ops::Activation& left, const WindowExtents& extents,
                        std::vector<Channels> parts)
      : implementation_(std::move(implementation)),
        left_(left),
        pixels_(static_cast<std::size_t>(extents.oh * extents.ow)),
        width_(static_cast<std::size_t>(extents.f)),
        parts_(std::move(parts)) {}

  void pack(Inputs inputs) override {
    for (Channels& part : parts_) part.pack(in(inputs, In::kernel));
  }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    for (Channels& part : parts_) part.prepare(in(inputs, In::kernel));
    const float* residual = inputs.size() > 3 ? in(inputs, In::residual) : nullptr;
    float* const y = out(outputs, Out::y);
    run_parts(parts_.size(), [&](std::size_t i) {
      Channels& part = parts_[i];
      float* result = part.run(in_view(inputs, In::x), in_view(inputs, In::bias));
      if (residual == nullptr && !left_.is_linear())
        vectors::activate(left_, result, result, pixels_ * part.count());
      for (std::size_t pixel = 0; pixel < pixels_; ++pixel, result += part.count()) {
        const std::size_t at = pixel * width_ + part.first();
        if (residual != nullptr) {
          vectors::add(left_, result, residual + at, y + at, part.count());
        } else {
          std::memcpy(y + at, result, part.count() * sizeof(float));
        }
      }
    });
  }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  ops::Activation left_;  ///< that oneDNN does not compute
  std::size_t pixels_, width_;
  std::vector<Channels> parts_;
};

}  // namespace

std::unique_ptr<Kernel> make_by_channels(const ops::Convolution& op, const Spec& spec,
                                         const ConvolutionSizes& sizes) {
  using In = ops::Convolution::In;
  if (!is_by_channels(sizes, spec)) return nullptr;
  const std::int64_t threads = num_threads();
  const std::int64_t blocks = (sizes.extents.f + kBlock - 1) / kBlock;
  const bool fuses = !spec.has_in(In::residual) && !vectors::has_fast_swish(op.activation);
  const ExecutionScope one_thread({.threads = 1});
  std::vector<Channels> parts;
  std::string implementation;
  ops::Activation left = op.activation;
  for (std::int64_t part = 0; part < threads; ++part) {
    const std::int64_t first = blocks * part / threads * kBlock;
    const std::int64_t count = std::min(blocks * (part + 1) / threads * kBlock, sizes.extents.f) - first;
    ConvolutionSizes some = sizes;
    some.extents.f = count;
    Fusion fusion;
    const auto desc = best_desc(fuses ? op.activation : ops::Activation(), std::nullopt, fusion,
                                [&](const dnnl::primitive_attr& attributes) {
                                  return forward_desc(some.problem(spec.has_in(In::bias)), attributes);
                                });
    if (!desc || is_slow(*desc)) return nullptr;
    if (part == 0) implementation = std::string("onednn ") + desc->impl_info_str();
    if (fuses && fusion.activation) left = {};
    parts.emplace_back(*desc, kernel_of(sizes, count), first, count, spec.has_in(In::bias));
  }
  return std::make_unique<ConvolutionByChannels>(std::move(implementation), left, sizes.extents,
                                                 std::move(parts));
}

}  // namespace graft::kernels::onednn_detail

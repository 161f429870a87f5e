// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/execution_scope.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/onednn/parts.hpp"
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

bool ConvolutionSizes::has_window_in_padding() const {
  const auto along = [](std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t dilation,
                        std::int64_t stride, std::int64_t pad) {
    return pad > (size - 1) * dilation || (out - 1) * stride - pad >= in;
  };
  const ops::Window& v = window;
  return along(extents.h, extents.oh, v.height, v.dilation_height, v.stride_height, v.pad_top) ||
         along(extents.w, extents.ow, v.width, v.dilation_width, v.stride_width, v.pad_left);
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

/// The primitives of a convolution's parts, with the same weights and the same fusion.
struct Primitives {
  std::vector<dnnl::convolution_forward::primitive_desc> descs;
  std::vector<dnnl::convolution_forward> primitives;  ///< of descs
  Fusion fusion;
};

/// Of all parts, each name once.
std::string implementation_of(const Primitives& made) {
  std::vector<std::string> names;
  for (const auto& desc : made.descs) {
    const std::string name = desc.impl_info_str();
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  std::string all = "onednn";
  for (const std::string& name : names) all += (all == "onednn" ? " " : " + ") + name;
  return all;
}

class Convolution final : public Kernel {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;

 public:
  /// concurrency: as in Spec.
  Convolution(const ops::Convolution& op, const std::vector<ConvolutionPart>& parts, const Primitives& made,
              int concurrency, const WindowExtents& whole)
      : implementation_(implementation_of(made)),
        activation_(op.activation),
        fusion_(made.fusion),
        weights_(parts.front().sizes.keras_kernel(), made.descs.front().weights_desc()),
        count_(static_cast<std::size_t>(whole.n * whole.oh * whole.ow * whole.f)),
        parts_(parts.size()),
        uses_openmp_(parts.size() == 1 && concurrency == 1 && is_divided_by_onednn()) {
    for (std::size_t i = 0; i < parts_; ++i) {
      const auto& desc = made.descs[i];
      for (int copy = 0; copy < concurrency; ++copy) {
        PrimitiveCall& call = calls_.emplace_back(made.primitives[i], desc.scratchpad_desc());
        call.add_unbound(DNNL_ARG_SRC, desc.src_desc());
        call.add(DNNL_ARG_WEIGHTS, weights_.memory());
        call.add_unbound(DNNL_ARG_DST, desc.dst_desc());
        x_.push_back(parts[i].x);
        y_.push_back(parts[i].y);
      }
    }
  }

  void add_bias(const memory::desc& desc) {
    for (PrimitiveCall& call : calls_) call.add_unbound(DNNL_ARG_BIAS, desc);
  }
  /// residuals: of each part.
  void add_residual(const std::vector<memory::desc>& residuals) {
    if (!fusion_.residual) return;
    const std::size_t copies = calls_.size() / parts_;
    for (std::size_t i = 0; i < calls_.size(); ++i)
      calls_[i].add_unbound(kResidual, residuals.at(i / copies));
  }

  void pack(Inputs inputs) override { weights_.pack(in(inputs, In::kernel)); }
  void run(const RunContext& context, Inputs inputs, Outputs outputs) override {
    weights_.prepare(in(inputs, In::kernel));
    if (parts_ == 1) {
      run_call(context.thread, inputs, outputs);
    } else {
      run_parts(parts_, [&](std::size_t part) { run_call(part, inputs, outputs); });
    }
    if (!fusion_.residual && inputs.size() > 3 && in_view(inputs, In::residual).data != nullptr) {
      vectors::add(activation_, out(outputs, Out::y), in(inputs, In::residual), out(outputs, Out::y), count_);
    } else if (!fusion_.activation) {
      activate(out_view(outputs, Out::y));
    }
  }
  [[nodiscard]] bool allows_concurrent_runs() const override { return true; }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  static constexpr int kResidual = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;

  void run_call(std::size_t number, Inputs inputs, Outputs outputs) {
    PrimitiveCall& call = calls_.at(number);
    call.bind(DNNL_ARG_SRC, from_element(in_view(inputs, In::x), x_[number]));
    call.bind(DNNL_ARG_DST, from_element(out_view(outputs, Out::y), y_[number]));
    if (call.has(DNNL_ARG_BIAS)) call.bind(DNNL_ARG_BIAS, in_view(inputs, In::bias));
    if (call.has(kResidual)) call.bind(kResidual, from_element(in_view(inputs, In::residual), y_[number]));
    call.run("Convolution");
  }
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
  std::size_t count_ = 0;  ///< of y's elements
  std::size_t parts_ = 1;
  bool uses_openmp_ = false;
  std::vector<PrimitiveCall> calls_;  ///< by part, or by RunContext::thread
  std::vector<std::int64_t> x_, y_;   ///< of each call: its first elements
};

memory::desc residual_of(const ConvolutionSizes& sizes, DType dtype) {
  const WindowExtents& e = sizes.extents;
  return image({e.n, e.oh, e.ow, e.f}, dtype);
}

struct PartDesc {
  dnnl::convolution_forward::primitive_desc desc;
  Fusion fusion;
};

/// weights: their layout; null: the one that oneDNN prefers. Nothing where it has no implementation.
std::optional<PartDesc> describe_part(const ConvolutionPart& part, const Spec& spec,
                                      const ops::Activation& activation, const memory::desc* weights) {
  using In = ops::Convolution::In;
  ConvolutionProblem problem = part.sizes.problem(spec.has_in(In::bias));
  if (weights != nullptr) problem.weights = *weights;
  std::optional<memory::desc> residual;
  if (spec.has_in(In::residual)) residual = residual_of(part.sizes, spec.in(In::residual).dtype);
  Fusion fusion;
  auto desc = best_desc(activation, residual, fusion, [&](const dnnl::primitive_attr& attributes) {
    return forward_desc(problem, attributes);
  });
  if (!desc) return std::nullopt;
  return PartDesc{*std::move(desc), fusion};
}

/// All parts with the weights in the layout that oneDNN prefers for this one of them. Nothing where it has no
/// implementation, or not the same fusion for all; of several parts also where a layout that suits one part
/// leaves only plain loops for another.
std::optional<Primitives> describe(const std::vector<ConvolutionPart>& parts, const Spec& spec,
                                   const ops::Activation& activation, std::size_t preferred) {
  std::optional<ExecutionScope> one_thread;
  if (parts.size() > 1) one_thread.emplace(Execution{.threads = 1});
  const std::optional<PartDesc> first = describe_part(parts.at(preferred), spec, activation, nullptr);
  if (!first) return std::nullopt;
  const memory::desc weights = first->desc.weights_desc();
  Primitives made{.descs = {}, .primitives = {}, .fusion = first->fusion};
  // Made here, with as many threads as its desc: oneDNN finds a primitive that it has made before by their
  // number. Parts of the same sizes share it: to find it takes a third of the time to make one.
  const dnnl::convolution_forward primitive(first->desc);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool same = parts[i].sizes == parts[preferred].sizes;
    const auto part = same ? first : describe_part(parts[i], spec, activation, &weights);
    if (!part || part->fusion != made.fusion) return std::nullopt;
    if (parts.size() > 1 && is_slow(part->desc)) return std::nullopt;
    made.descs.push_back(part->desc);
    made.primitives.push_back(same ? primitive : dnnl::convolution_forward(part->desc));
  }
  return made;
}

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
  if (low != DType::float32 && sizes.has_window_in_padding()) return nullptr;
  if (auto by_channels = make_by_channels(op, spec, sizes)) return by_channels;
  // oneDNN's own swish takes a fifth of EfficientNet's time.
  const bool own_swish = vectors::has_fast_swish(op.activation);
  const ops::Activation fused = own_swish ? ops::Activation() : op.activation;
  std::vector<ConvolutionPart> parts = parts_of(sizes, spec.concurrency);
  std::optional<Primitives> made;
  for (std::size_t i = 0; i < parts.size() && !made; ++i) made = describe(parts, spec, fused, i);
  if (parts.size() > 1 && !made) {
    parts = {{.sizes = sizes}};
    made = describe(parts, spec, fused, 0);
  }
  if (!made || (any_bfloat16(spec) && !made->fusion.everything())) return nullptr;
  if (own_swish) made->fusion.activation = false;
  auto kernel = std::make_unique<Convolution>(op, parts, *made, spec.concurrency, sizes.extents);
  if (spec.has_in(In::bias)) kernel->add_bias(sizes.problem(true).bias);
  if (spec.has_in(In::residual)) {
    std::vector<memory::desc> residuals;
    residuals.reserve(parts.size());
    for (const ConvolutionPart& part : parts)
      residuals.push_back(residual_of(part.sizes, spec.in(In::residual).dtype));
    kernel->add_residual(residuals);
  }
  return kernel;
}

}  // namespace graft::kernels::onednn_detail

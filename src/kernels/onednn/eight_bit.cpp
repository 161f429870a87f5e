// SPDX-License-Identifier: Apache-2.0
// Convolution and Dense of 8-bit numbers: x = s_x q_x per array, w = s_w q_w per output channel, sums of
// whole numbers in 32 bits, and y = activation(s_x s_w (sum q_x q_w + b / (s_x s_w)) + residual), rounded to
// y's own scale where y has 8 bits. A Dense layer is a convolution of images of one pixel.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "graft/base/execution_scope.hpp"
#include "graft/base/parallel.hpp"
#include "graft/tensor.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/onednn/parts.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;

/// With a larger bias, in these units, float32 cannot represent its channel's sums anyway.
constexpr float kMostOfBias = 16777216;

struct Problem {
  ops::Activation activation;
  ConvolutionSizes sizes;
  Argument x, y;
  Argument residual{.present = false};
  bool with_bias = false;

  [[nodiscard]] WeightLevels levels() const {
    return eight_bit_weight_levels(x.dtype, sizes.groups == sizes.extents.c && sizes.groups > 1);
  }
  [[nodiscard]] float y_scale() const { return is_eight_bit(y.dtype) ? y.scale : 1.0F; }
};

/// Whether each position of the window on one axis has a tap inside the image.
bool always_inside(std::int64_t outputs, std::int64_t extent, std::array<std::int64_t, 4> window) {
  const auto [size, stride, dilation, pad] = window;
  for (std::int64_t at = -pad; at < outputs * stride - pad; at += stride) {
    bool inside = false;
    for (std::int64_t tap = 0; tap < size; ++tap) {
      const std::int64_t place = at + tap * dilation;
      inside = inside || (place >= 0 && place < extent);
    }
    if (!inside) return false;
  }
  return true;
}

/// oneDNN 2.6's 8-bit convolutions read outside their memory where a whole window is in the padding.
bool meets_image(const ConvolutionSizes& sizes) {
  const WindowExtents& e = sizes.extents;
  const ops::Window& w = sizes.window;
  return always_inside(e.oh, e.h, {w.height, w.stride_height, w.dilation_height, w.pad_top}) &&
         always_inside(e.ow, e.w, {w.width, w.stride_width, w.dilation_width, w.pad_left});
}

/// f(k x) = k f(x), apart from its upper bound: y's scale can then be part of the factor before it.
bool is_homogeneous(const ops::Activation& activation) {
  return activation.is_linear() ||
         (activation.kind == ops::ActivationKind::relu && activation.threshold == 0);
}

/// Where y's range ends as the activation does, rounding to y is the activation.
bool is_saturation(const ops::Activation& activation, DType y) {
  if (activation.is_linear()) return true;
  constexpr float kLargest = 254.5F;
  return y == DType::uint8 && activation.negative_slope == 0 && activation.max_value >= kLargest;
}

/// Appends the steps after the sum; `front` is the factor of y's scale in the result's. False where oneDNN
/// has no counterpart.
bool append_after(dnnl::post_ops& post_ops, const Problem& problem, float& front) {
  const bool early = is_homogeneous(problem.activation);
  front = early ? 1 / problem.y_scale() : 1.0F;
  if (problem.residual.present) {
    const float residual = is_eight_bit(problem.residual.dtype) ? problem.residual.scale : 1.0F;
    post_ops.append_sum(residual * front, 0, type_of(problem.residual.dtype));
  }
  ops::Activation activation = problem.activation;
  if (early) {
    activation.max_value *= front;
    return is_saturation(activation, problem.y.dtype) || append_activation(post_ops, activation);
  }
  if (!append_activation(post_ops, activation)) return false;
  if (problem.y_scale() != 1)
    append_eltwise(post_ops, dnnl::algorithm::eltwise_linear, 1 / problem.y_scale(), 0);
  return true;
}

using Descs = std::vector<dnnl::convolution_forward::primitive_desc>;

/// weights: their layout.
std::optional<Descs::value_type> describe_part(const Problem& problem, const ConvolutionSizes& sizes,
                                               const std::optional<memory::desc>& weights,
                                               std::span<const float> scales) {
  dnnl::post_ops post_ops;
  float front = 1;
  if (!append_after(post_ops, problem, front)) return std::nullopt;
  dnnl::primitive_attr attributes = attributes_with(post_ops);
  std::vector<float> all(scales.begin(), scales.end());
  for (float& scale : all) scale *= problem.x.scale * front;
  set_result_scales(attributes, all);
  ConvolutionProblem convolution = sizes.problem(problem.with_bias);
  if (weights) convolution.weights = *weights;
  return forward_desc(convolution, attributes);
}

/// One for each part; nothing where oneDNN has no implementation. May throw dnnl::error.
std::optional<Descs> describe(const Problem& problem, const std::vector<ConvolutionPart>& parts,
                              std::span<const float> scales) {
  std::optional<ExecutionScope> one_thread;
  if (parts.size() > 1) one_thread.emplace(Execution{.threads = 1});
  Descs descs;
  std::optional<memory::desc> weights;
  for (const ConvolutionPart& part : parts) {
    const auto desc = describe_part(problem, part.sizes, weights, scales);
    if (!desc) return std::nullopt;
    descs.push_back(*desc);
    weights = desc->weights_desc();
  }
  return descs;
}

bool sums_pairs_in_16_bits() {
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  return isa == dnnl::cpu_isa::sse41 || isa == dnnl::cpu_isa::avx || isa == dnnl::cpu_isa::avx2 ||
         isa == dnnl::cpu_isa::avx512_core;
}

/// The scale of each output channel: its largest weight becomes the largest level, and its bias fits.
std::vector<float> scales_of(const Problem& problem, const float* kernel, const float* bias) {
  const auto filters = static_cast<std::size_t>(problem.sizes.extents.f);
  const auto count = problem.sizes.keras_kernel().get_size() / sizeof(float);
  const auto most = static_cast<float>(problem.levels().most);
  std::vector<float> scales(filters, 0.0F);
  for (std::size_t row = 0; row < count; row += filters) {
    for (std::size_t f = 0; f < filters; ++f) scales[f] = std::max(scales[f], std::abs(kernel[row + f]));
  }
  for (std::size_t f = 0; f < filters; ++f) {
    scales[f] /= most;
    if (bias != nullptr) scales[f] = std::max(scales[f], std::abs(bias[f]) / (kMostOfBias * problem.x.scale));
    if (!(scales[f] > 0)) scales[f] = 1;
  }
  return scales;
}

class EightBitConvolution final : public Kernel {
  using In = ops::Convolution::In;
  using Out = ops::Convolution::Out;

 public:
  EightBitConvolution(const Problem& problem, std::vector<ConvolutionPart> parts, const Descs& descs)
      : implementation_(std::string("onednn int8 ") + descs.front().impl_info_str()),
        problem_(problem),
        parts_(std::move(parts)),
        uses_openmp_(parts_.size() == 1 && is_divided_by_onednn()),
        weights_(unbound(descs.front().weights_desc())) {}

  void pack(Inputs inputs) override {
    const float* kernel = in(inputs, In::kernel);
    const float* bias = in(inputs, In::bias);
    const std::vector<float> scales = scales_of(problem_, kernel, bias);
    pack_kernel(kernel, scales);
    if (problem_.with_bias) {
      bias_.resize(scales.size());
      for (std::size_t f = 0; f < scales.size(); ++f) bias_[f] = bias[f] / (problem_.x.scale * scales[f]);
    }
    // The factors are part of the primitives, so that new weights need new ones.
    calls_.clear();
    const auto descs = describe(problem_, parts_, scales);
    // oneDNN finds a primitive that it has made before by the number of threads, too.
    std::optional<ExecutionScope> one_thread;
    if (parts_.size() > 1) one_thread.emplace(Execution{.threads = 1});
    for (const auto& desc : *descs) {
      PrimitiveCall& call = calls_.emplace_back(dnnl::convolution_forward(desc), desc.scratchpad_desc());
      call.add_unbound(DNNL_ARG_SRC, desc.src_desc());
      call.add(DNNL_ARG_WEIGHTS, weights_);
      call.add_unbound(DNNL_ARG_DST, desc.dst_desc());
      if (problem_.with_bias)
        call.add(DNNL_ARG_BIAS, memory(vector(problem_.sizes.extents.f), engine(), bias_.data()));
    }
  }

  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    // oneDNN adds the sum to the elements of dst.
    if (problem_.residual.present && in_view(inputs, In::residual).data != out_view(outputs, Out::y).data)
      copy(in_view(inputs, In::residual).data, out_view(outputs, Out::y).data);
    run_parts(calls_.size(), [&](std::size_t part) {
      PrimitiveCall& call = calls_[part];
      call.bind(DNNL_ARG_SRC, from_element(in_view(inputs, In::x), parts_[part].x));
      call.bind(DNNL_ARG_DST, from_element(out_view(outputs, Out::y), parts_[part].y));
      call.run("Convolution");
    });
  }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  void pack_kernel(const float* kernel, const std::vector<float>& scales) {
    const memory::desc ours = problem_.sizes.keras_kernel(DType::int8);
    const std::size_t filters = scales.size();
    const std::size_t rows = ours.get_size() / filters;
    const std::shared_ptr<void> whole = allocate_aligned(ours.get_size());
    auto* const q = static_cast<std::int8_t*>(whole.get());
    const int step = problem_.levels().step;
    std::vector<float> units = scales;
    for (float& unit : units) unit *= static_cast<float>(step);
    parallel_for(rows, 1 + vectors::kGrain / filters, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin * filters; row < end * filters; row += filters)
        vectors::to_int8(kernel + row, units.data(), q + row, filters);
      if (step == 1) return;
      for (std::size_t i = begin * filters; i < end * filters; ++i)
        q[i] = static_cast<std::int8_t>(q[i] * step);
    });
    if (!packed_) packed_ = allocate_aligned(weights_.get_desc().get_size());
    weights_.set_data_handle(packed_.get());
    const dnnl::reorder::primitive_desc desc(engine(), ours, engine(), weights_.get_desc(),
                                             attributes_with({}));
    PrimitiveCall reorder(dnnl::reorder(desc), desc.scratchpad_desc());
    reorder.add(DNNL_ARG_FROM, memory(ours, engine(), q));
    reorder.add(DNNL_ARG_TO, weights_);
    reorder.run("packing weights");
  }
  void copy(const std::byte* from, std::byte* to) const {
    const WindowExtents& e = problem_.sizes.extents;
    const auto bytes = static_cast<std::size_t>(e.n * e.oh * e.ow * e.f) * size_of(problem_.y.dtype);
    parallel_for(bytes, sizeof(float) * vectors::kGrain, [&](std::size_t begin, std::size_t end) {
      std::memcpy(to + begin, from + begin, end - begin);
    });
  }

  std::string implementation_;
  Problem problem_;
  std::vector<ConvolutionPart> parts_;
  bool uses_openmp_;
  memory weights_;
  std::shared_ptr<void> packed_;
  std::vector<float> bias_;           ///< in units of s_x s_w
  std::vector<PrimitiveCall> calls_;  ///< of each part
};

std::unique_ptr<Kernel> make_problem(const Problem& problem, int concurrency) {
  const bool same_size =
      !problem.residual.present || size_of(problem.residual.dtype) == size_of(problem.y.dtype);
  const bool usual = is_eight_bit(problem.x.dtype) && same_size && meets_image(problem.sizes);
  if (!has_result_scales() || !usual) return nullptr;
  // Any scales but 1 show which implementation oneDNN selects.
  const std::vector<float> some(static_cast<std::size_t>(problem.sizes.extents.f), 0.5F);
  std::vector<ConvolutionPart> parts = parts_of(problem.sizes, concurrency);
  const auto outside = [](const ConvolutionPart& part) { return !meets_image(part.sizes); };
  if (std::ranges::any_of(parts, outside)) parts = {{.sizes = problem.sizes}};
  const auto useless = [](const auto& descs) {
    return !descs || std::ranges::any_of(*descs, [](const auto& desc) { return is_slow(desc); });
  };
  auto descs = describe(problem, parts, some);
  if (parts.size() > 1 && useless(descs)) {
    parts = {{.sizes = problem.sizes}};
    descs = describe(problem, parts, some);
  }
  if (useless(descs)) return nullptr;
  // Throws where there is no way from our layout to theirs.
  const dnnl::reorder::primitive_desc packing(engine(), problem.sizes.keras_kernel(DType::int8), engine(),
                                              descs->front().weights_desc(), attributes_with({}));
  return std::make_unique<EightBitConvolution>(problem, std::move(parts), *descs);
}

Problem base_problem(const Spec& spec, const ops::Activation& activation) {
  using In = ops::Dense::In;
  using Out = ops::Dense::Out;
  return {.activation = activation,
          .sizes = {.src = spec.in(In::x).dtype, .weights = DType::int8, .dst = spec.out(Out::y).dtype},
          .x = spec.in(In::x),
          .y = spec.out(Out::y),
          .with_bias = spec.has_in(In::bias)};
}

}  // namespace

std::unique_ptr<Kernel> make_eight_bit(const Spec& spec) {
  using In = ops::Convolution::In;
  if (const auto* op = std::get_if<ops::Convolution>(&spec.params)) {
    Problem problem = base_problem(spec, op->activation);
    problem.sizes.extents = window_extents(spec, problem.x.shape, problem.y.shape);
    problem.sizes.window = op->window;
    problem.sizes.groups = op->groups;
    if (problem.sizes.has_window_in_padding()) return nullptr;
    if (spec.has_in(In::residual)) problem.residual = spec.in(In::residual);
    return make_problem(problem, spec.concurrency);
  }
  if (const auto* op = std::get_if<ops::Dense>(&spec.params)) {
    Problem problem = base_problem(spec, op->activation);
    problem.sizes.extents = {.n = static_cast<std::int64_t>(rows(problem.x.shape)),
                             .h = 1,
                             .w = 1,
                             .c = static_cast<std::int64_t>(channels(problem.x.shape)),
                             .oh = 1,
                             .ow = 1,
                             .f = static_cast<std::int64_t>(channels(problem.y.shape))};
    return make_problem(problem, spec.concurrency);
  }
  return nullptr;
}

}  // namespace graft::kernels::onednn_detail

graft::kernels::WeightLevels graft::kernels::eight_bit_weight_levels(DType x, bool each_channel_alone) {
  if (!onednn_detail::sums_pairs_in_16_bits()) return {.most = 127, .step = 1};
  if (x == DType::int8) return {.most = 126, .step = 2};
  return {.most = each_channel_alone ? 127 : 64, .step = 1};
}

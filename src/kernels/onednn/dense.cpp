// SPDX-License-Identifier: Apache-2.0
#include "kernels/onednn/kernels.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;

/// Above this size a second, packed copy of a kernel costs more memory than its speed is worth (VGG16's first
/// Dense holds 411 MB).
constexpr std::int64_t kLargestPacked = 4LL << 20;  // elements

class Dense final : public Kernel {
  using In = ops::Dense::In;
  using Out = ops::Dense::Out;

 public:
  Dense(const ops::Dense& op, const dnnl::matmul::primitive_desc& desc, const memory::desc& ours,
        const Fusion& fusion)
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        activation_(op.activation),
        fused_(fusion.activation),
        weights_(ours, desc.weights_desc()),
        call_(dnnl::matmul(desc), desc.scratchpad_desc()),
        count_(desc.dst_desc().get_size() / sizeof(float)) {
    call_.add_unbound(DNNL_ARG_SRC, desc.src_desc());
    call_.add(DNNL_ARG_WEIGHTS, weights_.memory());
    call_.add_unbound(DNNL_ARG_DST, desc.dst_desc());
  }
  void add_bias(const memory::desc& desc) { call_.add_unbound(DNNL_ARG_BIAS, desc); }
  void pack(Inputs inputs) override { weights_.pack(in(inputs, In::kernel)); }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    call_.bind(DNNL_ARG_SRC, in_view(inputs, In::x));
    weights_.prepare(in(inputs, In::kernel));
    if (call_.has(DNNL_ARG_BIAS)) call_.bind(DNNL_ARG_BIAS, in_view(inputs, In::bias));
    call_.bind(DNNL_ARG_DST, out_view(outputs, Out::y));
    call_.run("Dense");
    if (!fused_) vectors::activate(activation_, out(outputs, Out::y), out(outputs, Out::y), count_);
  }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  bool uses_openmp_ = is_divided_by_onednn();
  ops::Activation activation_;
  bool fused_;
  PackedWeights weights_;
  PrimitiveCall call_;
  std::size_t count_;  ///< of y's elements, where it is float32
};

/// DenseBackwardInput, DenseBackwardKernel and MatMul: the first input times the second, without packing, and
/// optionally the sums of the second one's rows.
class Product final : public Kernel {
 public:
  explicit Product(const dnnl::matmul::primitive_desc& desc, const char* operation = "Dense, backwards")
      : implementation_(std::string("onednn ") + desc.impl_info_str()),
        operation_(operation),
        call_(dnnl::matmul(desc), desc.scratchpad_desc()) {
    call_.add_unbound(DNNL_ARG_SRC, desc.src_desc());
    call_.add_unbound(DNNL_ARG_WEIGHTS, desc.weights_desc());
    call_.add_unbound(DNNL_ARG_DST, desc.dst_desc());
  }
  void also_sum_rows(std::size_t rows, std::size_t channels) { sums_.emplace(rows, channels); }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    call_.bind(DNNL_ARG_SRC, inputs[0]);
    call_.bind(DNNL_ARG_WEIGHTS, inputs[1]);
    call_.bind(DNNL_ARG_DST, outputs[0]);
    call_.run(operation_);
    if (sums_) sums_->run(inputs[1].as<float>(), outputs[1].as<float>());
  }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  const char* operation_;
  bool uses_openmp_ = is_divided_by_onednn();
  PrimitiveCall call_;
  std::optional<vectors::RowSums> sums_;
};

}  // namespace

std::unique_ptr<Kernel> make(const ops::Dense& op, const Spec& spec) {
  using In = ops::Dense::In;
  using Out = ops::Dense::Out;
  const auto in_count = static_cast<std::int64_t>(channels(spec.in(In::x).shape));
  const auto out_count = static_cast<std::int64_t>(channels(spec.out(Out::y).shape));
  const auto row_count = static_cast<std::int64_t>(rows(spec.in(In::x).shape));
  const memory::desc ours = matrix(in_count, out_count);
  const DType low = spec.in(In::x).dtype;
  const bool may_pack = in_count * out_count <= kLargestPacked || low != DType::float32;
  const ProductProblem problem{.src = matrix(row_count, in_count, low),
                               .weights = may_pack ? any_layout({in_count, out_count}, low) : ours,
                               .bias = spec.has_in(In::bias) ? matrix(1, out_count) : memory::desc(),
                               .dst = matrix(row_count, out_count, spec.out(Out::y).dtype)};
  Fusion fusion;
  const auto desc =
      best_desc(op.activation, std::nullopt, fusion,
                [&](const dnnl::primitive_attr& attributes) { return product_desc(problem, attributes); });
  if (!desc || (any_bfloat16(spec) && !fusion.everything())) return nullptr;
  auto kernel = std::make_unique<Dense>(op, *desc, ours, fusion);
  if (spec.has_in(In::bias)) kernel->add_bias(problem.bias);
  return kernel;
}

std::unique_ptr<Kernel> make(const ops::DenseBackwardInput&, const Spec& spec) {
  using In = ops::DenseBackwardInput::In;
  using Out = ops::DenseBackwardInput::Out;
  if (any_bfloat16(spec)) return nullptr;
  const auto in_count = static_cast<std::int64_t>(channels(spec.out(Out::dx).shape));
  const auto out_count = static_cast<std::int64_t>(channels(spec.in(In::dy).shape));
  const auto row_count = static_cast<std::int64_t>(rows(spec.in(In::dy).shape));
  return std::make_unique<Product>(product_desc({.src = matrix(row_count, out_count),
                                                 .weights = transposed(out_count, in_count),
                                                 .bias = {},
                                                 .dst = matrix(row_count, in_count)},
                                                attributes_with({})));
}

std::unique_ptr<Kernel> make(const ops::DenseBackwardKernel&, const Spec& spec) {
  using In = ops::DenseBackwardKernel::In;
  using Out = ops::DenseBackwardKernel::Out;
  if (any_bfloat16(spec)) return nullptr;
  const auto in_count = static_cast<std::int64_t>(channels(spec.in(In::x).shape));
  const auto out_count = static_cast<std::int64_t>(channels(spec.in(In::dy).shape));
  const auto row_count = static_cast<std::int64_t>(rows(spec.in(In::x).shape));
  auto kernel = std::make_unique<Product>(product_desc({.src = transposed(in_count, row_count),
                                                        .weights = matrix(row_count, out_count),
                                                        .bias = {},
                                                        .dst = matrix(in_count, out_count)},
                                                       attributes_with({})));
  if (spec.has_out(Out::dbias))
    kernel->also_sum_rows(rows(spec.in(In::dy).shape), channels(spec.in(In::dy).shape));
  return kernel;
}

namespace {

/// Matrices one after the other, as they are in memory or transposed.
memory::desc matrices(std::int64_t count, std::int64_t row_count, std::int64_t column_count, bool turned) {
  const std::int64_t size = row_count * column_count;
  const memory::dims dims{count, row_count, column_count};
  return plain(dims, turned ? memory::dims{size, 1, row_count} : memory::dims{size, column_count, 1});
}

}  // namespace

std::unique_ptr<Kernel> make(const ops::MatMul& op, const Spec& spec) {
  if (any_bfloat16(spec)) return nullptr;
  const Shape& y = spec.out(ops::MatMul::Out::y).shape;
  const std::int64_t shared = spec.in(ops::MatMul::In::a).shape[op.transpose_a ? -2 : -1];
  const std::int64_t count = y.count() / (y[-2] * y[-1]);
  return std::make_unique<Product>(product_desc({.src = matrices(count, y[-2], shared, op.transpose_a),
                                                 .weights = matrices(count, shared, y[-1], op.transpose_b),
                                                 .bias = {},
                                                 .dst = matrices(count, y[-2], y[-1], false)},
                                                attributes_with({})),
                                   "MatMul");
}

}  // namespace graft::kernels::onednn_detail

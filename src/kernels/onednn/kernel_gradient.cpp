// SPDX-License-Identifier: Apache-2.0
// The gradient of a convolution's kernel as matrix products, one for each place of the window: the inputs at
// that place, transposed, times dy. In bfloat16 oneDNN's own kernels for it reach half of the processor's
// speed; those in float32 are as fast as products but for 1 x 1 without AVX-512.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "graft/base/parallel.hpp"
#include "graft/tensor.hpp"

#include "kernels/onednn/kernels.hpp"
#include "kernels/thread_scratch.hpp"
#include "kernels/vectors/vectors.hpp"

namespace graft::kernels::onednn_detail {
namespace {

using dnnl::memory;

/// With more rows, one thread would sum each part of a small result; oneDNN divides the rows among threads.
constexpr std::int64_t kMostRows = 16384;
constexpr std::int64_t kFewestColumns = 16;

bool sees_all_once(const ops::Window& window) {
  return window == ops::Window{};  // 1 x 1, a step of 1, no padding
}

bool fits(const ops::ConvolutionBackwardKernel& op, const Spec& spec, const WindowExtents& e) {
  using In = ops::ConvolutionBackwardKernel::In;
  if (op.groups != 1 || e.c < kFewestColumns || e.f < kFewestColumns) return false;
  const auto both_are = [&](DType dtype) {
    return spec.in(In::x).dtype == dtype && spec.in(In::dy).dtype == dtype;
  };
  if (both_are(DType::float32)) return sees_all_once(op.window) && !vectors::has_avx512();
  return both_are(DType::bfloat16) && e.n * e.oh * e.ow <= kMostRows;
}

/// The inputs at one place of the window, a row for each output pixel: copied from the image, zeros in the
/// padding.
class SeenRows {
 public:
  SeenRows(const ops::Window& window, const WindowExtents& extents)
      : window_(window),
        e_(extents),
        pixel_(static_cast<std::size_t>(extents.c) * size_of(DType::bfloat16)) {}

  [[nodiscard]] std::size_t bytes() const {
    return whole_lines(static_cast<std::size_t>(e_.n * e_.oh * e_.ow) * pixel_);
  }

  void copy(std::int64_t ky, std::int64_t kx, const std::byte* images, std::byte* rows) const {
    constexpr std::size_t kGrain = 8;
    parallel_for(static_cast<std::size_t>(e_.n * e_.oh), kGrain, [&](std::size_t begin, std::size_t end) {
      for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
        const std::int64_t y =
            i % e_.oh * window_.stride_height + ky * window_.dilation_height - window_.pad_top;
        std::byte* row = rows + static_cast<std::size_t>(i * e_.ow) * pixel_;
        if (y < 0 || y >= e_.h) {
          std::memset(row, 0, static_cast<std::size_t>(e_.ow) * pixel_);
        } else {
          copy_row(kx, images + static_cast<std::size_t>((i / e_.oh * e_.h + y) * e_.w) * pixel_, row);
        }
      }
    });
  }

 private:
  void copy_row(std::int64_t kx, const std::byte* image, std::byte* row) const {
    for (std::int64_t ox = 0; ox < e_.ow; ++ox, row += pixel_) {
      const std::int64_t x = ox * window_.stride_width + kx * window_.dilation_width - window_.pad_left;
      if (x < 0 || x >= e_.w) {
        std::memset(row, 0, pixel_);
      } else {
        std::memcpy(row, image + static_cast<std::size_t>(x) * pixel_, pixel_);
      }
    }
  }

  ops::Window window_;
  WindowExtents e_;
  std::size_t pixel_;
};

/// out (C, F) = seen (rows, C), transposed, times dy (rows, F).
class TransposedProduct {
 public:
  using Desc = dnnl::matmul::primitive_desc;

  explicit TransposedProduct(const Desc& desc) : call_(dnnl::matmul(desc), desc.scratchpad_desc()) {
    call_.add_unbound(DNNL_ARG_SRC, desc.src_desc());
    call_.add_unbound(DNNL_ARG_WEIGHTS, desc.weights_desc());
    call_.add_unbound(DNNL_ARG_DST, desc.dst_desc());
  }
  [[nodiscard]] std::size_t scratch_bytes() const { return call_.scratch_bytes(); }
  /// scratch: its contents are undefined before and after.
  void run(const View& seen, const View& dy, const View& out, std::byte* scratch) {
    call_.bind(DNNL_ARG_SRC, seen);
    call_.bind(DNNL_ARG_WEIGHTS, dy);
    call_.bind(DNNL_ARG_DST, out);
    call_.run_in(scratch, "ConvolutionBackwardKernel");
  }

 private:
  PrimitiveCall call_;
};

class KernelGradient final : public Kernel {
  using In = ops::ConvolutionBackwardKernel::In;
  using Out = ops::ConvolutionBackwardKernel::Out;

 public:
  KernelGradient(const ops::Window& window, const WindowExtents& extents, std::string implementation,
                 TransposedProduct product)
      : implementation_(std::move(implementation)),
        window_(window),
        place_bytes_(static_cast<std::size_t>(extents.c * extents.f) * sizeof(float)),
        product_(std::move(product)),
        scratch_bytes_(product_.scratch_bytes()) {
    if (!sees_all_once(window)) rows_.emplace(window, extents);
  }
  /// A bias's gradient: rows of ones times dy.
  void add_bias(TransposedProduct sums, std::int64_t row_count, DType dtype) {
    scratch_bytes_ = std::max(scratch_bytes_, sums.scratch_bytes());
    sums_ = std::move(sums);
    ones_ = Tensor::full({row_count, 1}, 1.0F).to(dtype);
  }
  void run(const RunContext&, Inputs inputs, Outputs outputs) override {
    const std::size_t seen_bytes = rows_ ? rows_->bytes() : 0;
    std::byte* seen = thread_scratch(seen_bytes + scratch_bytes_);
    std::byte* scratch = seen + seen_bytes;
    if (!rows_) {
      product_.run(in_view(inputs, In::x), in_view(inputs, In::dy), out_view(outputs, Out::dkernel), scratch);
    } else {
      MutableView out = out_view(outputs, Out::dkernel);
      for (std::int64_t ky = 0; ky < window_.height; ++ky) {
        for (std::int64_t kx = 0; kx < window_.width; ++kx, out.data += place_bytes_) {
          rows_->copy(ky, kx, in_view(inputs, In::x).data, seen);
          product_.run({seen, in_view(inputs, In::x).dtype}, in_view(inputs, In::dy), out, scratch);
        }
      }
    }
    if (sums_)
      sums_->run(view_of(std::as_const(ones_)), in_view(inputs, In::dy), out_view(outputs, Out::dbias),
                 scratch);
  }
  [[nodiscard]] bool uses_openmp() const override { return uses_openmp_; }
  [[nodiscard]] std::string_view implementation() const override { return implementation_; }

 private:
  std::string implementation_;
  bool uses_openmp_ = is_divided_by_onednn();
  ops::Window window_;
  std::size_t place_bytes_;  ///< of the gradient at one place of the window
  TransposedProduct product_;
  std::size_t scratch_bytes_;
  std::optional<SeenRows> rows_;
  std::optional<TransposedProduct> sums_;
  Tensor ones_;
};

TransposedProduct::Desc product_of(std::int64_t rows, std::int64_t columns, std::int64_t f, DType dtype) {
  return product_desc({.src = transposed(columns, rows, dtype),
                       .weights = matrix(rows, f, dtype),
                       .bias = {},
                       .dst = matrix(columns, f)},
                      attributes_with({}));
}

}  // namespace

std::unique_ptr<Kernel> make_kernel_gradient(const ops::ConvolutionBackwardKernel& op, const Spec& spec) {
  using In = ops::ConvolutionBackwardKernel::In;
  using Out = ops::ConvolutionBackwardKernel::Out;
  const WindowExtents e = window_extents(spec, spec.in(In::x).shape, spec.in(In::dy).shape);
  if (!fits(op, spec, e)) return nullptr;
  const std::int64_t row_count = e.n * e.oh * e.ow;
  const DType dtype = spec.in(In::x).dtype;
  const auto desc = product_of(row_count, e.c, e.f, dtype);
  // oneDNN multiplies other matrices of bfloat16 by packing both at length.
  const bool slow = std::string_view(desc.impl_info_str()).find("brg") == std::string_view::npos;
  if (dtype == DType::bfloat16 && slow) return nullptr;
  auto kernel = std::make_unique<KernelGradient>(
      op.window, e, std::string("onednn products, ") + desc.impl_info_str(), TransposedProduct(desc));
  if (spec.has_out(Out::dbias)) {
    kernel->add_bias(TransposedProduct(product_of(row_count, 1, e.f, dtype)), row_count, dtype);
  }
  return kernel;
}

}  // namespace graft::kernels::onednn_detail

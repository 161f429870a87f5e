// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

/// The axes of y, neighbours that are neighbours in x too taken together.
struct Walk {
  std::vector<std::size_t> sizes;
  std::vector<std::size_t> strides;  // elements of x from one index to the next

  Walk(const std::vector<int>& axes, const Shape& x) {
    std::vector<std::size_t> x_strides(x.rank(), 1);
    for (std::size_t axis = x.rank() - 1; axis-- > 0;)
      x_strides[axis] = x_strides[axis + 1] * static_cast<std::size_t>(x.sizes()[axis + 1]);
    for (const int source : axes) {
      const auto axis = static_cast<std::size_t>(source);
      const auto size = static_cast<std::size_t>(x.sizes()[axis]);
      if (size == 1) continue;
      if (!sizes.empty() && strides.back() == x_strides[axis] * size) {
        sizes.back() *= size;
        strides.back() = x_strides[axis];
      } else {
        sizes.push_back(size);
        strides.push_back(x_strides[axis]);
      }
    }
    if (sizes.empty()) {
      sizes.push_back(1);
      strides.push_back(1);
    }
  }
  /// Where row r of y, of sizes.back() elements, begins in x.
  [[nodiscard]] std::size_t row(std::size_t r) const {
    std::size_t offset = 0;
    for (std::size_t axis = sizes.size() - 1; axis-- > 0;) {
      offset += r % sizes[axis] * strides[axis];
      r /= sizes[axis];
    }
    return offset;
  }
};

void copy_strided(const float* from, std::size_t stride, float* to, std::size_t count) {
  if (stride == 1) {
    std::copy_n(from, count, to);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i * stride];
}

}  // namespace

Function function_of(const ops::Permute& op, const Spec& spec) {
  using In = ops::Permute::In;
  using Out = ops::Permute::Out;
  const Walk walk(op.axes, spec.in(In::x).shape);
  const std::size_t width = walk.sizes.back();
  const std::size_t rows = elements(spec.out(Out::y).shape) / width;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    vectors::for_each_row_block(rows, width, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r)
        copy_strided(in(inputs, In::x) + walk.row(r), walk.strides.back(), out(outputs, Out::y) + r * width,
                     width);
    });
  };
}

}  // namespace graft::kernels::native_detail

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/binary_rows.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

using ops::BinaryKind;

template <typename F>
[[gnu::always_inline]] inline void partials_of(const Sides& sides, const float* dy, float* dx,
                                               const vectors::Rows& extents, const F& f) {
  const std::size_t width = extents.channels;
  const std::size_t a_step = sides.a.step;
  const std::size_t b_step = sides.b.step;
  for (std::size_t r = 0; r < extents.rows; ++r) {
    const float* a = sides.a.data + r * sides.a.row;
    const float* b = sides.b.data + r * sides.b.row;
    const float* from = dy + r * width;
    float* to = dx + r * width;
    if (a_step == 1 && b_step == 1) {
      for (std::size_t i = 0; i < width; ++i) to[i] = f(from[i], a[i], b[i]);
    } else if (a_step == 1) {
      const float standing = *b;
      for (std::size_t i = 0; i < width; ++i) to[i] = f(from[i], a[i], standing);
    } else {
      const float standing = *a;
      for (std::size_t i = 0; i < width; ++i) to[i] = f(from[i], standing, b[i * b_step]);
    }
  }
}

}  // namespace

GRAFT_CLONES void partial_rows(const ops::BinaryBackward& op, const Sides& sides, const float* dy, float* dx,
                               const vectors::Rows& extents) {
  const float sign = op.side == 0 ? 1.0F : -1.0F;
  const float first = op.side == 0 ? 1.0F : 0.0F;
  const float second = 1.0F - first;
  switch (op.kind) {
    case BinaryKind::add:
      return partials_of(sides, dy, dx, extents, [](float d, float, float) { return d; });
    case BinaryKind::subtract:
      return partials_of(sides, dy, dx, extents, [sign](float d, float, float) { return d * sign; });
    case BinaryKind::multiply:
      if (op.side == 0)
        return partials_of(sides, dy, dx, extents, [](float d, float, float b) { return d * b; });
      return partials_of(sides, dy, dx, extents, [](float d, float a, float) { return d * a; });
    case BinaryKind::divide:
      if (op.side == 0)
        return partials_of(sides, dy, dx, extents, [](float d, float, float b) { return d / b; });
      return partials_of(sides, dy, dx, extents, [](float d, float a, float b) { return -d * a / (b * b); });
    case BinaryKind::maximum:
      return partials_of(sides, dy, dx, extents,
                         [=](float d, float a, float b) { return d * (a >= b ? first : second); });
    case BinaryKind::minimum:
      return partials_of(sides, dy, dx, extents,
                         [=](float d, float a, float b) { return d * (a <= b ? first : second); });
    case BinaryKind::prelu:
      if (op.side == 0)
        return partials_of(sides, dy, dx, extents,
                           [](float d, float a, float b) { return d * (a > 0.0F ? 1.0F : b); });
      return partials_of(sides, dy, dx, extents,
                         [](float d, float a, float) { return d * (a > 0.0F ? 0.0F : a); });
  }
}

namespace {

/// A few rows of one outer index, whole or, where rows are long, a part of one.
struct Patch {
  std::size_t outer, row, rows, column, width;
};

/// One run of the kernel: the shapes, and where the arrays are.
struct Partials {
  ops::BinaryBackward op;
  const Broadcast& shape;
  std::array<const float*, 3> inputs{};  // a, b, dy; never null

  void compute(const Patch& patch, float* to) const {
    const auto side = [&](const std::vector<std::size_t>& strides, const float* data) {
      Operand result = operand(shape, strides, data, {patch.outer, patch.row});
      result.data += patch.column * result.step;
      return result;
    };
    const std::size_t row = patch.outer * shape.rows() + patch.row;
    partial_rows(op, {side(shape.a, inputs[0]), side(shape.b, inputs[1])},
                 inputs[2] + row * shape.width() + patch.column, to, {patch.rows, patch.width});
  }
};

/// Sums of the derivatives over the axes along which the side is repeated.
class SideSums {
 public:
  SideSums(int side, const Broadcast& shape, std::size_t count)
      : strides_(side == 0 ? shape.a : shape.b), sums_(count) {
    const std::size_t outers = strides_.size() - 2;
    apart_ = std::all_of(strides_.begin(), strides_.begin() + static_cast<std::ptrdiff_t>(outers),
                         [](std::size_t stride) { return stride != 0; });
    // One tall block whose rows all go to one row of sums: its parts are summed at the same time.
    if (shape.outer() == 1 && row_stride() == 0 && strides_.back() == 1)
      reduction_.emplace(shape.rows(), shape.width(), 1);
  }

  void run(const Partials& partials, float* to) {
    const Broadcast& shape = partials.shape;
    const double* result = sums_.data();
    if (reduction_) {
      result = reduction_->run([&](std::size_t begin, std::size_t end, double* part) {
        add_rows(partials, 0, {begin, end}, part);
      });
    } else {
      std::fill(sums_.begin(), sums_.end(), 0.0);
      const std::size_t block = shape.rows() * shape.width();
      parallel_for(shape.outer(), apart_ ? 1 + vectors::kGrain / block : shape.outer(),
                   [&](std::size_t begin, std::size_t end) {
                     for (std::size_t o = begin; o < end; ++o)
                       add_rows(partials, o, {0, shape.rows()}, sums_.data() + shape.offset(strides_, o));
                   });
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) to[i] = static_cast<float>(result[i]);
  }

 private:
  [[nodiscard]] std::size_t row_stride() const { return strides_[strides_.size() - 2]; }

  void add_rows(const Partials& partials, std::size_t outer, const vectors::Range& rows, double* sums) const {
    float products[vectors::kBlock];
    const std::size_t width = partials.shape.width();
    const std::size_t most = std::max<std::size_t>(1, vectors::kBlock / width);
    for (std::size_t row = rows.begin; row < rows.end; row += most) {
      for (std::size_t column = 0; column < width; column += vectors::kBlock) {
        const Patch patch{.outer = outer,
                          .row = row,
                          .rows = std::min(most, rows.end - row),
                          .column = column,
                          .width = std::min(width - column, vectors::kBlock)};
        partials.compute(patch, products);
        add_patch(products, patch, sums + row * row_stride() + column * strides_.back());
      }
    }
  }

  void add_patch(const float* products, const Patch& patch, double* sums) const {
    if (strides_.back() == 1 && row_stride() == 0)
      return vectors::add_rows(products, {patch.rows, patch.width}, sums);
    for (std::size_t r = 0; r < patch.rows; ++r) {
      double* to = sums + r * row_stride();
      const float* from = products + r * patch.width;
      for (std::size_t i = 0; i < patch.width; ++i) to[i * strides_.back()] += static_cast<double>(from[i]);
    }
  }

  std::vector<std::size_t> strides_;
  std::vector<double> sums_;
  bool apart_ = false;  // no two outer indices have sums in common
  std::optional<vectors::Reduction> reduction_;
};

}  // namespace

Function function_of(const ops::BinaryBackward& op, const Spec& spec) {
  using In = ops::BinaryBackward::In;
  using Out = ops::BinaryBackward::Out;
  const Shape& y = spec.in(In::dy).shape;
  const Shape& own = spec.out(Out::dside).shape;
  const Shape a = spec.in(In::a).present ? spec.in(In::a).shape : (op.side == 0 ? own : y);
  const Shape b = spec.in(In::b).present ? spec.in(In::b).shape : (op.side == 1 ? own : y);
  check_broadcast(spec, a, y);
  check_broadcast(spec, b, y);
  const Broadcast shape(a, b, y);
  const auto inputs_of = [](Inputs inputs) {  // add and subtract read neither side
    const auto or_dy = [&](const float* side) { return side != nullptr ? side : in(inputs, In::dy); };
    return std::array{or_dy(in(inputs, In::a)), or_dy(in(inputs, In::b)), in(inputs, In::dy)};
  };
  if (own == y) {
    return [=](const RunContext&, Inputs inputs, Outputs outputs) {
      const Partials partials{op, shape, inputs_of(inputs)};
      for_each_row_run(shape, [&](std::size_t outer, std::size_t row, std::size_t count) {
        partials.compute({.outer = outer, .row = row, .rows = count, .column = 0, .width = shape.width()},
                         out(outputs, Out::dside) + (outer * shape.rows() + row) * shape.width());
      });
    };
  }
  return [=, sums = SideSums(op.side, shape, elements(own))](const RunContext&, Inputs inputs,
                                                             Outputs outputs) mutable {
    sums.run({op, shape, inputs_of(inputs)}, out(outputs, Out::dside));
  };
}

}  // namespace graft::kernels::native_detail

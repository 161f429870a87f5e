// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/random_draws.hpp"
#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

/// Product of the sizes of axes [begin, end).
std::size_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::size_t result = 1;
  for (std::size_t i = begin; i < end; ++i) result *= static_cast<std::size_t>(shape.sizes()[i]);
  return result;
}

/// Sizes before an axis, of it with all after it.
struct Split {
  std::size_t outer, inner, rest;
};
Split split(const Shape& shape, int axis) {
  const auto at = static_cast<std::size_t>(axis);
  return {product(shape, 0, at), product(shape, at, shape.rank()), product(shape, at + 1, shape.rank())};
}

/// Copies between an image and its padded form, padded = image + (top, left).
struct Inner {
  WindowExtents e;  // x: the image, y: the padded one
  std::int64_t top, left;
  template <typename Body>
  void for_each(const Body& body) const {
    for (std::int64_t i = 0; i < e.n * e.h * e.w * e.c; ++i) {
      const std::int64_t c = i % e.c;
      const std::int64_t x = i / e.c % e.w + left;
      const std::int64_t y = i / e.c / e.w % e.h + top;
      const std::int64_t n = i / e.c / e.w / e.h;
      body(static_cast<std::size_t>(i), static_cast<std::size_t>(((n * e.oh + y) * e.ow + x) * e.c + c));
    }
  }
};

}  // namespace

Function function_of(const ops::Pad& op, const Spec& spec) {
  using In = ops::Pad::In;
  using Out = ops::Pad::Out;
  const Inner inner{window_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape), op.top, op.left};
  const std::size_t count = elements(spec.out(Out::y).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    std::fill_n(out(outputs, Out::y), count, 0.0F);
    inner.for_each([&](std::size_t image, std::size_t padded) {
      out(outputs, Out::y)[padded] = in(inputs, In::x)[image];
    });
  };
}

Function function_of(const ops::Crop& op, const Spec& spec) {
  using In = ops::Crop::In;
  using Out = ops::Crop::Out;
  const Inner inner{window_extents(spec, spec.out(Out::y).shape, spec.in(In::x).shape), op.top, op.left};
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    inner.for_each([&](std::size_t image, std::size_t padded) {
      out(outputs, Out::y)[image] = in(inputs, In::x)[padded];
    });
  };
}

Function function_of(const ops::RandomCrop& op, const Spec& spec) {
  using In = ops::RandomCrop::In;
  using Out = ops::RandomCrop::Out;
  const WindowExtents e = window_extents(spec, spec.out(Out::y).shape, spec.in(In::x).shape);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    const Corner corner = draw_corner(op, context, e.oh - e.h, e.ow - e.w);
    const Inner inner{e, corner.row, corner.column};
    inner.for_each(
        [&](std::size_t part, std::size_t whole) { out(outputs, Out::y)[part] = in(inputs, In::x)[whole]; });
  };
}

Function function_of(const ops::Concatenate& op, const Spec& spec) {
  using Out = ops::Concatenate::Out;
  std::vector<std::size_t> parts;
  for (const Argument& input : spec.inputs) parts.push_back(split(input.shape, op.axis).inner);
  const std::size_t outer = split(spec.out(Out::y).shape, op.axis).outer;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    float* y = out(outputs, Out::y);
    for (std::size_t row = 0; row < outer; ++row) {
      for (std::size_t i = 0; i < parts.size(); ++i)
        y = std::copy_n(inputs[i].as<float>() + row * parts[i], parts[i], y);
    }
  };
}

Function function_of(const ops::Slice& op, const Spec& spec) {
  using In = ops::Slice::In;
  using Out = ops::Slice::Out;
  const Split whole = split(spec.in(In::x).shape, op.axis);
  const Split part = split(spec.out(Out::y).shape, op.axis);
  const std::size_t begin = static_cast<std::size_t>(op.begin) * whole.rest;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t row = 0; row < part.outer; ++row) {
      std::copy_n(in(inputs, In::x) + row * whole.inner + begin, part.inner,
                  out(outputs, Out::y) + row * part.inner);
    }
  };
}

Function function_of(const ops::Permute& op, const Spec& spec) {
  using In = ops::Permute::In;
  using Out = ops::Permute::Out;
  const Shape x = spec.in(In::x).shape;
  const Shape y = spec.out(Out::y).shape;
  return [=, axes = op.axes](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t i = 0; i < elements(y); ++i) {
      std::size_t rest = i;
      std::size_t index = 0;
      for (std::size_t axis = y.rank(); axis-- > 0;) {
        const auto size = static_cast<std::size_t>(y.sizes()[axis]);
        const auto source = static_cast<std::size_t>(axes[axis]);
        index += rest % size * product(x, source + 1, x.rank());
        rest /= size;
      }
      out(outputs, Out::y)[i] = in(inputs, In::x)[index];
    }
  };
}

}  // namespace graft::kernels::reference_detail

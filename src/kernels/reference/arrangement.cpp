// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/random_draws.hpp"
#include "kernels/reference/functions.hpp"

namespace graft::kernels::formulas {
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
  const Inner inner{window_extents(spec, spec.inputs[0].shape, spec.outputs[0].shape), op.top, op.left};
  const std::size_t count = elements(spec.outputs[0].shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    std::fill_n(out(outputs, 0), count, 0.0F);
    inner.for_each(
        [&](std::size_t image, std::size_t padded) { out(outputs, 0)[padded] = in(inputs, 0)[image]; });
  };
}

Function function_of(const ops::Crop& op, const Spec& spec) {
  const Inner inner{window_extents(spec, spec.outputs[0].shape, spec.inputs[0].shape), op.top, op.left};
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    inner.for_each(
        [&](std::size_t image, std::size_t padded) { out(outputs, 0)[image] = in(inputs, 0)[padded]; });
  };
}

Function function_of(const ops::RandomCrop& op, const Spec& spec) {
  const WindowExtents e = window_extents(spec, spec.outputs[0].shape, spec.inputs[0].shape);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    const Corner corner = draw_corner(op, context, e.oh - e.h, e.ow - e.w);
    const Inner inner{e, corner.row, corner.column};
    inner.for_each(
        [&](std::size_t part, std::size_t whole) { out(outputs, 0)[part] = in(inputs, 0)[whole]; });
  };
}

Function function_of(const ops::Concatenate& op, const Spec& spec) {
  std::vector<std::size_t> parts;
  for (const Argument& input : spec.inputs) parts.push_back(split(input.shape, op.axis).inner);
  const std::size_t outer = split(spec.outputs[0].shape, op.axis).outer;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    float* y = out(outputs, 0);
    for (std::size_t row = 0; row < outer; ++row) {
      for (std::size_t i = 0; i < parts.size(); ++i)
        y = std::copy_n(in(inputs, i) + row * parts[i], parts[i], y);
    }
  };
}

Function function_of(const ops::Slice& op, const Spec& spec) {
  const Split whole = split(spec.inputs[0].shape, op.axis);
  const Split part = split(spec.outputs[0].shape, op.axis);
  const std::size_t begin = static_cast<std::size_t>(op.begin) * whole.rest;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    for (std::size_t row = 0; row < part.outer; ++row) {
      std::copy_n(in(inputs, 0) + row * whole.inner + begin, part.inner, out(outputs, 0) + row * part.inner);
    }
  };
}

Function function_of(const ops::Permute& op, const Spec& spec) {
  const Shape x = spec.inputs[0].shape;
  const Shape y = spec.outputs[0].shape;
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
      out(outputs, 0)[i] = in(inputs, 0)[index];
    }
  };
}

}  // namespace graft::kernels::formulas

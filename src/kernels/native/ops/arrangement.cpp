// SPDX-License-Identifier: Apache-2.0
// Ops that only move elements: rows of bytes, whatever the elements' type is. Zero is zero bytes in every
// type.
#include <algorithm>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/random_draws.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

std::size_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::size_t result = 1;
  for (std::size_t i = begin; i < end; ++i) result *= static_cast<std::size_t>(shape.sizes()[i]);
  return result;
}
std::size_t outer(const Shape& shape, int axis) { return product(shape, 0, static_cast<std::size_t>(axis)); }
std::size_t inner(const Shape& shape, int axis) {
  return product(shape, static_cast<std::size_t>(axis), shape.rank());
}

std::size_t grain_of(std::size_t row_bytes) {
  return 1 + vectors::kGrain * sizeof(float) / std::max<std::size_t>(1, row_bytes);
}

std::size_t element_bytes(const Spec& spec) { return size_of(spec.inputs.front().dtype); }

/// Extents with channels counted in bytes.
WindowExtents byte_extents(const Spec& spec, const Shape& x, const Shape& y) {
  WindowExtents e = window_extents(spec, x, y);
  e.c *= static_cast<std::int64_t>(element_bytes(spec));
  return e;
}

/// Whether elements mean the same in all arguments, so that bytes can be copied.
bool have_one_format(const Spec& spec) {
  const Argument& first = spec.inputs.front();
  const auto same = [&](const Argument& argument) {
    return argument.dtype == first.dtype && argument.scale == first.scale;
  };
  return std::ranges::all_of(spec.inputs, same) && std::ranges::all_of(spec.outputs, same);
}

/// The part (h, w) of images (oh, ow) that begins at (top, left).
void copy_part(const WindowExtents& e, std::int64_t top, std::int64_t left, const std::byte* from,
               std::byte* to) {
  const std::int64_t row = e.w * e.c;
  parallel_for(static_cast<std::size_t>(e.n * e.h), grain_of(static_cast<std::size_t>(row)),
               [&](std::size_t begin, std::size_t end) {
                 for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
                   const std::int64_t y = i / e.h * e.oh + i % e.h + top;
                   std::copy_n(from + (y * e.ow + left) * e.c, row, to + i * row);
                 }
               });
}

}  // namespace

Function function_of(const ops::Pad& op, const Spec& spec) {
  using In = ops::Pad::In;
  using Out = ops::Pad::Out;
  if (!have_one_format(spec)) return {};
  const WindowExtents e = byte_extents(spec, spec.in(In::x).shape, spec.out(Out::y).shape);
  const std::int64_t row = e.ow * e.c;
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(static_cast<std::size_t>(e.n * e.oh), grain_of(static_cast<std::size_t>(row)),
                 [&](std::size_t begin, std::size_t end) {
                   for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
                     const std::int64_t y = i % e.oh - op.top;
                     std::byte* to = out_view(outputs, Out::y).data + i * row;
                     if (y < 0 || y >= e.h) {
                       std::fill_n(to, row, std::byte{0});
                       continue;
                     }
                     const std::byte* from = in_view(inputs, In::x).data + (i / e.oh * e.h + y) * e.w * e.c;
                     to = std::fill_n(to, op.left * e.c, std::byte{0});
                     to = std::copy_n(from, e.w * e.c, to);
                     std::fill_n(to, op.right * e.c, std::byte{0});
                   }
                 });
  };
}

Function function_of(const ops::Crop& op, const Spec& spec) {
  using In = ops::Crop::In;
  using Out = ops::Crop::Out;
  if (!have_one_format(spec)) return {};
  const WindowExtents e = byte_extents(spec, spec.out(Out::y).shape, spec.in(In::x).shape);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    copy_part(e, op.top, op.left, in_view(inputs, In::x).data, out_view(outputs, Out::y).data);
  };
}

Function function_of(const ops::RandomCrop& op, const Spec& spec) {
  using In = ops::RandomCrop::In;
  using Out = ops::RandomCrop::Out;
  if (!have_one_format(spec)) return {};
  const WindowExtents e = byte_extents(spec, spec.out(Out::y).shape, spec.in(In::x).shape);
  return [=](const RunContext& context, Inputs inputs, Outputs outputs) {
    const Corner corner = draw_corner(op, context, e.oh - e.h, e.ow - e.w);
    copy_part(e, corner.row, corner.column, in_view(inputs, In::x).data, out_view(outputs, Out::y).data);
  };
}

Function function_of(const ops::Concatenate& op, const Spec& spec) {
  using Out = ops::Concatenate::Out;
  if (!have_one_format(spec)) return {};
  std::vector<std::size_t> parts;
  for (const Argument& input : spec.inputs)
    parts.push_back(inner(input.shape, op.axis) * element_bytes(spec));
  const std::size_t whole = inner(spec.out(Out::y).shape, op.axis) * element_bytes(spec);
  const std::size_t count = outer(spec.out(Out::y).shape, op.axis);
  return [=](const RunContext&, Inputs inputs, Outputs outputs) {
    parallel_for(count, grain_of(whole), [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        std::byte* to = out_view(outputs, Out::y).data + row * whole;
        for (std::size_t i = 0; i < parts.size(); ++i)
          to = std::copy_n(inputs[i].data + row * parts[i], parts[i], to);
      }
    });
  };
}

Function function_of(const ops::Slice& op, const Spec& spec) {
  using In = ops::Slice::In;
  using Out = ops::Slice::Out;
  if (!have_one_format(spec)) return {};
  const std::size_t whole = inner(spec.in(In::x).shape, op.axis) * element_bytes(spec);
  const std::size_t part = inner(spec.out(Out::y).shape, op.axis) * element_bytes(spec);
  const std::size_t start =
      static_cast<std::size_t>(op.begin) * inner(spec.in(In::x).shape, op.axis + 1) * element_bytes(spec);
  return
      [=, count = outer(spec.out(Out::y).shape, op.axis)](const RunContext&, Inputs inputs, Outputs outputs) {
        parallel_for(count, grain_of(part), [&](std::size_t begin, std::size_t end) {
          for (std::size_t row = begin; row < end; ++row) {
            std::copy_n(in_view(inputs, In::x).data + row * whole + start, part,
                        out_view(outputs, Out::y).data + row * part);
          }
        });
      };
}

}  // namespace graft::kernels::native_detail

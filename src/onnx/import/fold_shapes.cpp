// SPDX-License-Identifier: Apache-2.0
// Nodes that move fixed numbers.
#include <algorithm>
#include <cstring>

#include "onnx/import/fold.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Integers = std::vector<std::int64_t>;

}  // namespace

void check_size(const Importer& importer, const Integers& sizes) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0) importer.refuse("makes a constant of the open shape ", Shape(sizes));
    if (size > 0 && count > kMostElements / size)
      fail(ErrorKind::resource_limit, importer.file(), ": node '", importer.node().name, "' (",
           importer.node().op, ") makes a constant ", Shape(sizes), "; graft makes at most ", kMostElements,
           " numbers");
    count *= size;
  }
}

std::vector<AxisSlice> slices_of(const Importer& importer, std::size_t rank, bool may_go_back) {
  const Integers starts = importer.list_or_input("starts", 1);
  const Integers ends = importer.list_or_input("ends", 2);
  Integers axes = importer.list_or_input("axes", 3);
  if (axes.empty())
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  const Integers steps = importer.has(4) ? importer.integers(4) : Integers(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    importer.broken("has lists of different lengths");
  std::vector<AxisSlice> slices;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (steps[i] == 0) importer.broken("has a step of 0");
    if (steps[i] < 0 && !may_go_back) importer.refuse("counts backwards");
    slices.push_back({importer.axis(axes[i], rank), starts[i], ends[i], steps[i]});
  }
  return slices;
}

AxisSlice within(const AxisSlice& slice, std::int64_t size) {
  const auto place = [size](std::int64_t given) {
    return std::clamp<std::int64_t>(given < 0 ? given + size : given, 0, size);
  };
  return {slice.axis, place(slice.begin), place(slice.end),
          std::min(slice.step, std::max<std::int64_t>(size, 1))};
}

void finish(Importer& importer, Tensor tensor) {
  importer.count_constant(tensor.count());
  Known known;
  known.shape = tensor.shape();
  known.fixed = std::move(tensor);
  importer.result(std::move(known));
}

namespace {

/// An element of either type, as the widest number of its kind.
template <typename T>
std::span<const T> elements(const Tensor& tensor) {
  return tensor.data<T>();
}

/// The elements at these places along an axis.
template <typename T>
Tensor taken(const Tensor& from, int axis, const Integers& places) {
  Integers sizes = from.shape().sizes();
  const auto at = static_cast<std::size_t>(axis);
  std::int64_t inner = 1;
  for (std::size_t i = at + 1; i < sizes.size(); ++i) inner *= sizes[i];
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < at; ++i) outer *= sizes[i];
  const std::int64_t size = sizes[at];
  sizes[at] = static_cast<std::int64_t>(places.size());
  Tensor result(Shape(sizes), from.dtype());
  auto to = result.data<T>().begin();
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const std::int64_t place : places) {
      const auto begin = elements<T>(from).begin() + ((o * size + place) * inner);
      to = std::copy(begin, begin + inner, to);
    }
  }
  return result;
}

Tensor taken(const Tensor& from, int axis, const Integers& places) {
  return from.dtype() == DType::int64 ? taken<std::int64_t>(from, axis, places)
                                      : taken<float>(from, axis, places);
}

void fold_gather(Importer& importer) {
  const Tensor from = *importer.in(0).fixed;
  const int axis = importer.axis(importer.integer("axis", 0), from.shape().rank());
  Integers places = importer.integers(1);
  const std::int64_t size = from.shape()[axis];
  for (std::int64_t& place : places) {
    if (place < 0) place += size;
    if (place < 0 || place >= size) importer.broken("reads element ", place, " of ", size);
  }
  Integers sizes = from.shape().sizes();
  sizes[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(places.size());
  check_size(importer, sizes);
  const Tensor result = taken(from, axis, places);
  sizes = from.shape().sizes();
  const Shape wanted = importer.in(1).shape;
  sizes.erase(sizes.begin() + axis);
  sizes.insert(sizes.begin() + axis, wanted.sizes().begin(), wanted.sizes().end());
  finish(importer, result.reshape(Shape(sizes)));
}

/// The places of a slice, as Python counts them.
Integers places_of_slice(const AxisSlice& slice, std::int64_t size) {
  Integers places;
  if (slice.step > 0) {
    const AxisSlice chosen = within(slice, size);
    for (std::int64_t at = chosen.begin; at < chosen.end; at += chosen.step) places.push_back(at);
    return places;
  }
  const auto place = [size](std::int64_t given) {
    return std::clamp<std::int64_t>(given < 0 ? given + size : given, -1, size - 1);
  };
  for (std::int64_t at = place(slice.begin); at > place(slice.end); at += slice.step) places.push_back(at);
  return places;
}

void fold_slice(Importer& importer) {
  Tensor result = *importer.in(0).fixed;
  for (const AxisSlice& part : slices_of(importer, result.shape().rank(), true))
    result = taken(result, part.axis, places_of_slice(part, result.shape()[part.axis]));
  finish(importer, result);
}

void fold_concat(Importer& importer) {
  std::vector<Tensor> parts;
  bool whole = true;
  for (std::size_t i = 0; i < importer.node().inputs.size(); ++i) {
    parts.push_back(*importer.in(i).fixed);
    whole = whole && parts.back().dtype() == DType::int64;
  }
  if (parts.empty()) importer.broken("has no input");
  const int axis = importer.axis(importer.integer("axis", 0), parts.front().shape().rank());
  Integers sizes = parts.front().shape().sizes();
  sizes[static_cast<std::size_t>(axis)] = 0;
  for (const Tensor& part : parts) {
    Integers own = part.shape().sizes();
    if (own.size() != sizes.size()) importer.broken("joins ", part.shape(), " to ", parts.front().shape());
    sizes[static_cast<std::size_t>(axis)] += own[static_cast<std::size_t>(axis)];
    own[static_cast<std::size_t>(axis)] = parts.front().shape()[axis];
    if (Shape(own) != parts.front().shape())
      importer.broken("joins ", part.shape(), " to ", parts.front().shape());
  }
  check_size(importer, sizes);
  Tensor result(Shape(sizes), whole ? DType::int64 : DType::float32);
  std::int64_t outer = 1;
  for (int i = 0; i < axis; ++i) outer *= sizes[static_cast<std::size_t>(i)];
  auto* to = static_cast<char*>(result.raw());
  std::vector<Tensor> same;
  same.reserve(parts.size());
  for (const Tensor& part : parts) same.push_back(part.to(result.dtype()));
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const Tensor& part : same) {
      const std::size_t bytes = part.size_bytes() / static_cast<std::size_t>(outer);
      if (bytes > 0)
        std::memcpy(to, static_cast<const char*>(part.raw()) + static_cast<std::size_t>(o) * bytes, bytes);
      to += bytes;
    }
  }
  finish(importer, result);
}

void fold_transpose(Importer& importer) {
  const Tensor x = importer.in(0).fixed->to(DType::float64);
  const std::size_t rank = x.shape().rank();
  Integers axes = importer.list("perm");
  if (axes.empty())
    for (std::size_t i = rank; i-- > 0;) axes.push_back(static_cast<std::int64_t>(i));
  Integers sorted = axes;
  std::ranges::sort(sorted);
  Integers sizes;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted.size() != rank || sorted[i] != static_cast<std::int64_t>(i))
      importer.broken("has an impossible perm");
  for (const std::int64_t axis : axes) sizes.push_back(x.shape()[static_cast<int>(axis)]);
  Integers strides(rank, 1);
  for (std::size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * x.shape().sizes()[i];
  Tensor result(Shape(sizes), DType::float64);
  Integers index(rank, 0);
  for (double& to : result.data<double>()) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < rank; ++i) at += index[i] * strides[static_cast<std::size_t>(axes[i])];
    to = x.data<double>()[static_cast<std::size_t>(at)];
    for (std::size_t i = rank; i-- > 0;) {
      if (++index[i] < sizes[i]) break;
      index[i] = 0;
    }
  }
  finish(importer, result.to(importer.in(0).fixed->dtype()));
}

Integers new_shape(Importer& importer, const Tensor& x) {
  const std::string& op = importer.node().op;
  Integers sizes = x.shape().sizes();
  if (op == "Reshape") {
    Integers target = importer.list_or_input("shape", 1);
    if (target.size() > 16 || std::ranges::count_if(target, [](std::int64_t size) { return size < 0; }) > 1)
      importer.broken("has an impossible shape");
    std::int64_t known = 1;
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (target[i] == 0 && i < sizes.size()) target[i] = sizes[i];
      if (target[i] > 0 && known > kMostElements * 64 / target[i]) importer.broken("has an impossible shape");
      known *= target[i] < 0 ? 1 : target[i];
    }
    for (std::int64_t& size : target)
      if (size < 0) size = known == 0 ? 0 : x.count() / known;
    return target;
  }
  Integers axes = importer.list_or_input("axes", 1);
  if (op == "Unsqueeze") {
    const std::size_t rank = sizes.size() + axes.size();
    for (std::int64_t& axis : axes) axis = importer.axis(axis, rank);
    std::ranges::sort(axes);
    for (const std::int64_t axis : axes)
      sizes.insert(sizes.begin() + std::min<std::int64_t>(axis, static_cast<std::int64_t>(sizes.size())), 1);
    return sizes;
  }
  Integers kept;
  for (std::int64_t& axis : axes) axis = importer.axis(axis, sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const bool gone =
        axes.empty() ? sizes[i] == 1 : std::ranges::find(axes, static_cast<std::int64_t>(i)) != axes.end();
    if (!gone) kept.push_back(sizes[i]);
  }
  return kept;
}

void fold_reshape(Importer& importer) {
  const Tensor x = *importer.in(0).fixed;
  const Integers sizes = new_shape(importer, x);
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  if (sizes.size() > 16 || count != x.count()) importer.broken("makes ", Shape(sizes), " of ", x.shape());
  finish(importer, x.reshape(Shape(sizes)));
}

}  // namespace

Fold find_shape_fold(const std::string& op) {
  static const std::map<std::string, Fold, std::less<>> folds{
      {"Gather", fold_gather},      {"Slice", fold_slice},     {"Concat", fold_concat},
      {"Reshape", fold_reshape},    {"Squeeze", fold_reshape}, {"Unsqueeze", fold_reshape},
      {"Transpose", fold_transpose}};
  const auto found = folds.find(op);
  return found == folds.end() ? nullptr : found->second;
}

}  // namespace onnx
}  // namespace graft

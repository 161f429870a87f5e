// SPDX-License-Identifier: Apache-2.0
// Parts of woven values, and copies: see woven.hpp.
#include <algorithm>

#include "graft/base/json.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/reshaping.hpp"

#include "onnx/import/woven.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Sizes = std::vector<std::int64_t>;
using Group = std::vector<int>;

/// Ranges of which elements may be put together: each becomes an op.
constexpr std::size_t kMostRanges = 512;
/// Elements of one photo that copies may make.
constexpr std::int64_t kMostCopied = std::int64_t{1} << 28;

/// These elements of a tensor's axis, in this order: ranges of neighbours, one behind the other.
SymbolicTensor elements_of(Importer& importer, const SymbolicTensor& x, int axis, const Sizes& places) {
  std::vector<SymbolicTensor> ranges;
  for (std::size_t i = 0; i < places.size();) {
    std::size_t end = i + 1;
    while (end < places.size() && places[end] == places[end - 1] + 1) ++end;
    if (ranges.size() == kMostRanges)
      importer.refuse("reads elements in an order of more than ", kMostRanges, " ranges");
    ranges.push_back(range_of(importer, x, {axis, places[i], places[end - 1] + 1, 1}));
    i = end;
  }
  if (ranges.size() == 1) return ranges.front();
  return importer.call(layers::Concatenate({.axis = axis, .name = importer.layer_name(0)}), ranges);
}

/// The value with ONNX's axis, which is one axis of the tensor, cut into several.
Known cut_axis(Importer& importer, const Known& value, int axis, const Sizes& sizes) {
  const int atom = value.parts[static_cast<std::size_t>(axis)].front();
  Parts groups;  // of the new axes
  Sizes inner;
  for (int i = 1; i < static_cast<int>(value.tensor.shape.rank()); ++i) {
    if (i != atom) inner.push_back(value.tensor.shape[i]);
    for (std::size_t k = 0; i == atom && k < sizes.size(); ++k) {
      if (sizes[k] != 1) inner.push_back(sizes[k]);
      groups.push_back(sizes[k] == 1 ? Group() : Group{static_cast<int>(inner.size())});
    }
  }
  const int more = static_cast<int>(inner.size() + 1) - static_cast<int>(value.tensor.shape.rank());
  Parts parts;
  for (const Group& group : value.parts) {
    Group moved = group;
    for (int& one : moved) one += one > atom ? more : 0;
    parts.push_back(std::move(moved));
  }
  parts.erase(parts.begin() + axis);
  parts.insert(parts.begin() + axis, groups.begin(), groups.end());
  const Layer layer = layers::Reshape({.target_shape = Shape(inner), .name = importer.unique("to_parts")});
  return woven_value(value, importer.call(layer, {value.tensor}), std::move(parts));
}

/// Elements of an axis of ONNX's, the batch as 1.
std::int64_t woven_size(const Known& value, int axis) {
  std::int64_t size = 1;
  for (const int one : value.parts[static_cast<std::size_t>(axis)])
    size *= one == 0 ? 1 : value.tensor.shape[one];
  return size;
}

/// Elements of an axis of ONNX's; all of the axis is the value itself.
Known part_of_woven(Importer& importer, const Known& given, const AxisSlice& range) {
  const auto place = static_cast<std::size_t>(range.axis);
  const bool has_batch = std::ranges::find(given.parts[place], 0) != given.parts[place].end();
  const bool whole = range.begin == 0 && range.step == 1 && range.end == woven_size(given, range.axis);
  if (whole && !has_batch) return given;
  const Known value = with_single_axis(importer, given, range.axis);
  const int atom = woven_axis(importer, value, range.axis);
  const SymbolicTensor x = range_of(importer, value.tensor, {atom, range.begin, range.end, range.step});
  Parts parts = value.parts;
  if (x.shape[atom] == 1) parts[place].clear();
  return woven_value(value, x, std::move(parts));
}

}  // namespace

SymbolicTensor range_of(Importer& importer, const SymbolicTensor& x, const AxisSlice& range) {
  if (range.begin == 0 && range.end == x.shape[range.axis] && range.step == 1) return x;
  Json key = Json::array();
  for (int i = 0; i < range.axis; ++i) key.push_back(slice_key(nullptr, nullptr, nullptr));
  key.push_back(slice_key(range.begin, range.end, range.step));
  return importer.operation_with("GetItem", x, key);
}

void convert_woven_gather(Importer& importer) {
  const Known from = woven(importer, importer.in(0));
  const int axis = importer.axis(importer.integer("axis", 0), from.parts.size());
  Sizes places = importer.integers(1);
  const Shape wanted = importer.in(1).shape;
  if (places.empty() || wanted.rank() > 8) importer.refuse("reads elements into the axes ", wanted);
  const bool has_one = from.parts[static_cast<std::size_t>(axis)].empty();
  Known value = has_one ? from : with_single_axis(importer, from, axis);
  const int atom = has_one ? 0 : woven_axis(importer, value, axis);
  const std::int64_t size = has_one ? 1 : value.tensor.shape[atom];
  for (std::int64_t& one : places) {
    if (one < 0) one += size;
    if (one < 0 || one >= size) importer.broken("reads element ", one, " of ", size);
  }
  if (places.size() == 1) {
    if (!has_one) value.tensor = range_of(importer, value.tensor, {atom, places[0], places[0] + 1, 1});
    value.parts.erase(value.parts.begin() + axis);
    value.parts.insert(value.parts.begin() + axis, wanted.rank(), Group());
  } else {
    if (has_one) importer.refuse("copies the only element of axis ", axis);
    value.tensor = elements_of(importer, value.tensor, atom, places);
    if (wanted.rank() > 1) value = cut_axis(importer, value, axis, wanted.sizes());
  }
  importer.result(settled(importer, woven_value(value, value.tensor, value.parts)));
}

void convert_woven_slice(Importer& importer) {
  Known value = woven(importer, importer.in(0));
  for (const AxisSlice& part : slices_of(importer, value.parts.size())) {
    if (part.begin == 0 && part.step == 1 && part.end >= (std::int64_t{1} << 30)) continue;
    const AxisSlice chosen = within(part, woven_size(value, part.axis));
    if (chosen.begin >= chosen.end) importer.refuse("takes no element");
    value = part_of_woven(importer, value, chosen);
  }
  importer.result(settled(importer, std::move(value)));
}

void convert_woven_split(Importer& importer) {
  const Known from = woven(importer, importer.in(0));
  const int axis = importer.axis(importer.integer("axis", 0), from.parts.size());
  const std::int64_t size = woven_size(from, axis);
  const auto count = static_cast<std::int64_t>(importer.node().outputs.size());
  Sizes sizes = importer.list_or_input("split", 1);
  if (sizes.empty())
    sizes.assign(static_cast<std::size_t>(count), (size + count - 1) / std::max<std::int64_t>(count, 1));
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < importer.node().outputs.size(); ++i) {
    const std::int64_t wanted = i < sizes.size() ? std::min(sizes[i], size - begin) : 0;
    if (wanted < 1) importer.broken("splits ", size, " into ", Shape(sizes));
    importer.result(i, settled(importer, part_of_woven(importer, from, {axis, begin, begin + wanted, 1})));
    begin += wanted;
  }
}

void convert_woven_expand(Importer& importer) {
  Known value = woven(importer, importer.in(0));
  const Sizes sizes = importer.integers(1);
  if (sizes.size() > value.parts.size())
    value.parts.insert(value.parts.begin(), sizes.size() - value.parts.size(), Group());
  const std::size_t left_out = value.parts.size() - sizes.size();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Group& group = value.parts[left_out + i];
    const std::int64_t own = woven_size(value, static_cast<int>(left_out + i));
    // The batch of a file for one photo is 1, that of others a size below 0.
    if (sizes[i] == 1 || sizes[i] == own || (sizes[i] == -own && !group.empty())) continue;
    const std::int64_t all = value.tensor.shape.without_batch().count();
    if (!group.empty() || sizes[i] < 1 || sizes[i] > kMostNumbers || all < 1 || sizes[i] > kMostCopied / all)
      importer.refuse("makes ", Shape(sizes), " of ", value.shape);
    Sizes inner = value.tensor.shape.without_batch().sizes();
    inner.push_back(1);
    const Layer layer = layers::Reshape({.target_shape = Shape(inner), .name = importer.unique("to_parts")});
    group = {static_cast<int>(inner.size())};
    value.tensor = importer.operation_with("Add", importer.call(layer, {value.tensor}),
                                           nested_numbers(Tensor(Shape{sizes[i]})));
  }
  importer.result(settled(importer, woven_value(value, value.tensor, value.parts)));
}

}  // namespace onnx
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// Operators that move elements, and means over axes.
#include <algorithm>

#include "graft/base/json.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"

#include "onnx/import/importer.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

Known plain_value(SymbolicTensor tensor, bool non_negative) {
  Known known;
  known.shape = tensor.shape;
  known.order = identity_order(tensor.shape.rank());
  known.tensor = std::move(tensor);
  known.non_negative = non_negative;
  return known;
}

bool has_open_size(const Shape& shape) { return shape.without_batch().is_open(); }

/// (N, C, H, W) to (N, C H W). The elements stay in graft's order; a product that follows has its rows moved.
void flatten(Importer& importer) {
  const Known& from = importer.in(0);
  if (from.shape.rank() == 2) return importer.result(from);
  if (from.pooled) {
    const std::string name = importer.layer_name(0);
    const Layer layer = from.pooled_max ? layers::GlobalMaxPooling2D({.name = name})
                                        : layers::GlobalAveragePooling2D({.name = name});
    return importer.result(plain_value(importer.call(layer, {*from.pooled}), from.non_negative));
  }
  if (has_open_size(from.shape))
    importer.refuse("flattens an image of open size; export the model for a fixed image size");
  const bool is_image = from.shape.rank() == 4 && from.order == kImageOrder;
  const SymbolicTensor x = is_image ? from.tensor : importer.plain(from);
  Known result =
      plain_value(importer.call(layers::Flatten({.name = importer.layer_name(0)}), {x}), from.non_negative);
  if (is_image && from.shape[2] * from.shape[3] > 1)
    result.flat = {from.shape[1], from.shape[2], from.shape[3]};
  importer.result(std::move(result));
}

/// The same elements in another shape, whose batch axis is open.
void reshape_to(Importer& importer, const Sizes& sizes) {
  const Known& from = importer.in(0);
  if (Shape(sizes) == from.shape) return importer.result(from);
  if (sizes.size() == 2) return flatten(importer);
  const Sizes inner(sizes.begin() + 1, sizes.end());
  const bool makes_pixel = sizes.size() == 4 && sizes[2] == 1 && sizes[3] == 1 && from.shape.rank() == 2;
  const std::string name = importer.layer_name(0);
  if (makes_pixel) {
    Known result =
        plain_value(importer.call(layers::Reshape({.target_shape = {1, 1, sizes[1]}, .name = name}),
                                  {importer.plain(from)}),
                    from.non_negative);
    result.shape = Shape(sizes);
    result.order = kImageOrder;
    return importer.result(std::move(result));
  }
  const Layer layer = layers::Reshape({.target_shape = Shape(inner), .name = name});
  importer.result(plain_value(importer.call(layer, {importer.plain(from)}), from.non_negative));
}

/// Replaces 0 and -1 by sizes, and the batch by -1. Throws where elements of different photos would mix.
Sizes resolved(const Importer& importer, Sizes target, const Shape& from) {
  if (has_open_size(from))
    importer.refuse("changes the shape of an image of open size; export the model for a fixed image size");
  if (target.empty() || target.size() > 16) importer.refuse("removes the batch axis");
  const std::int64_t count = from.without_batch().count();
  std::int64_t known = 1;
  std::ptrdiff_t open = -1;
  for (std::size_t i = 1; i < target.size(); ++i) {
    if (target[i] == 0 && i < from.rank()) target[i] = from.sizes()[i];
    if (target[i] > 0 && known > count / target[i])
      importer.refuse("makes ", Shape(target), " of ", from, ", which mixes photos of a batch");
    if (target[i] < 0) open = static_cast<std::ptrdiff_t>(i);
    known *= target[i] < 0 ? 1 : target[i];
  }
  if (open >= 0) target[static_cast<std::size_t>(open)] = known == 0 ? 0 : count / known;
  if (open >= 0) known *= target[static_cast<std::size_t>(open)];
  // 1: files that were exported for one photo.
  const bool keeps_batch = target[0] == -1 || target[0] == 0 || target[0] == 1;
  if (!keeps_batch || known != count)
    importer.refuse("makes ", Shape(target), " of ", from, ", which mixes photos of a batch");
  target[0] = -1;
  return target;
}

void convert_flatten(Importer& importer) {
  const Known& from = importer.in(0);
  const std::int64_t axis = importer.integer("axis", 1);
  if (axis != 1 && axis + static_cast<std::int64_t>(from.shape.rank()) != 1)
    importer.refuse("flattens from another axis than 1");
  if (from.shape.rank() < 2) importer.refuse("has an input ", from.shape);
  flatten(importer);
}

void convert_reshape(Importer& importer) {
  const Sizes target = importer.list_or_input("shape", 1);
  if (importer.integer("allowzero", 0) != 0 && std::ranges::find(target, 0) != target.end())
    importer.refuse("has axes of no element");
  reshape_to(importer, resolved(importer, target, importer.in(0).shape));
}

void convert_squeeze(Importer& importer) {
  const Known& from = importer.in(0);
  Sizes axes = importer.list_or_input("axes", 1);
  Sizes sizes;
  for (std::int64_t& axis : axes) axis = importer.axis(axis, from.shape.rank());
  for (std::size_t i = 0; i < from.shape.rank(); ++i) {
    const std::int64_t size = from.shape.sizes()[i];
    const bool gone = axes.empty() ? i > 0 && size == 1
                                   : std::ranges::find(axes, static_cast<std::int64_t>(i)) != axes.end();
    if (gone && (i == 0 || size != 1)) importer.refuse("removes axis ", i, " of ", from.shape);
    if (!gone) sizes.push_back(size);
  }
  reshape_to(importer, sizes);
}

void convert_unsqueeze(Importer& importer) {
  const Known& from = importer.in(0);
  Sizes axes = importer.list_or_input("axes", 1);
  Sizes sizes = from.shape.sizes();
  const std::size_t rank = sizes.size() + axes.size();
  for (std::int64_t& axis : axes) axis = importer.axis(axis, rank);
  std::ranges::sort(axes);
  for (const std::int64_t axis : axes) {
    if (axis < 1 || axis > static_cast<std::int64_t>(sizes.size()))
      importer.refuse("adds axis ", axis, " to ", from.shape);
    sizes.insert(sizes.begin() + axis, 1);
  }
  if (has_open_size(from.shape)) importer.refuse("changes the shape of an image of open size");
  reshape_to(importer, sizes);
}

void convert_transpose(Importer& importer) {
  Known result = importer.in(0);
  const std::size_t rank = result.shape.rank();
  const Sizes given = importer.list("perm");
  Order perm(given.begin(), given.end());
  if (given.empty()) {
    perm = identity_order(rank);
    std::ranges::reverse(perm);
  }
  Order sorted = perm;
  std::ranges::sort(sorted);
  if (sorted != identity_order(rank)) importer.broken("has an impossible perm");
  if (perm.empty() || perm[0] != 0) importer.refuse("moves the batch axis");
  if (!result.flat.empty()) return importer.result(result);  // (N, K): its two axes stay
  Sizes sizes;
  Order order;
  for (const int axis : perm) sizes.push_back(result.shape[axis]);
  for (const int axis : result.order)
    order.push_back(static_cast<int>(std::ranges::find(perm, axis) - perm.begin()));
  result.shape = Shape(sizes);
  result.order = order;
  result.pooled.reset();
  importer.result(std::move(result));
}

/// Where ONNX's axis is in the tensor.
int place_of(const Known& value, int axis) {
  return static_cast<int>(std::ranges::find(value.order, axis) - value.order.begin());
}

void convert_concat(Importer& importer) {
  const Known& first = importer.in(0);
  const int axis = importer.axis(importer.integer("axis", 1), first.shape.rank());
  if (axis == 0) importer.refuse("joins batches");
  const Order order = first.flat.empty() ? first.order : identity_order(2);
  std::vector<SymbolicTensor> parts;
  bool non_negative = true;
  for (std::size_t i = 0; i < importer.node().inputs.size(); ++i) {
    const Known& part = importer.in(i);
    if (part.shape.rank() != order.size()) importer.broken("joins ", part.shape, " to ", first.shape);
    parts.push_back(importer.arranged(part, order));
    non_negative = non_negative && part.non_negative;
  }
  Known result = Importer::same_axes(first, parts.front(), non_negative);
  result.flat.clear();
  result.order = order;
  if (parts.size() > 1)
    result.tensor = importer.call(
        layers::Concatenate({.axis = place_of(result, axis), .name = importer.layer_name(0)}), parts);
  std::int64_t size = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) size += importer.in(i).shape[axis];
  result.shape.set(axis, size);
  importer.result(std::move(result));
}

Known part_of(Importer& importer, const Known& from, const AxisSlice& chosen) {
  Json key = Json::array();
  const int place = place_of(from, chosen.axis);
  for (int i = 0; i < place; ++i) key.push_back(slice_key(nullptr, nullptr, nullptr));
  key.push_back(slice_key(chosen.begin, chosen.end, chosen.step));
  Known result =
      Importer::same_axes(from, importer.operation_with("GetItem", from.tensor, key), from.non_negative);
  result.shape.set(chosen.axis, (chosen.end - chosen.begin + chosen.step - 1) / chosen.step);
  return result;
}

Known without_flat(Importer& importer, const Known& from) {
  if (from.flat.empty()) return from;
  return plain_value(importer.plain(from), from.non_negative);
}

void convert_slice(Importer& importer) {
  Known value = without_flat(importer, importer.in(0));
  for (const AxisSlice& part : slices_of(importer, value.shape.rank())) {
    const std::int64_t size = value.shape[part.axis];
    const bool whole = part.begin == 0 && part.step == 1 &&
                       (part.end >= (std::int64_t{1} << 30) || (size >= 0 && part.end >= size));
    if (whole) continue;
    if (part.axis == 0 || size < 0) importer.refuse("takes a part of the batch, or of an open size");
    const AxisSlice chosen = within(part, size);
    if (chosen.begin >= chosen.end) importer.refuse("takes no element");
    value = part_of(importer, value, chosen);
  }
  importer.result(std::move(value));
}

void convert_split(Importer& importer) {
  const Known from = without_flat(importer, importer.in(0));
  const int axis = importer.axis(importer.integer("axis", 0), from.shape.rank());
  const std::int64_t size = from.shape[axis];
  if (axis == 0 || size < 0) importer.refuse("splits the batch, or an open size");
  Sizes sizes = importer.list_or_input("split", 1);
  const auto count = static_cast<std::int64_t>(importer.node().outputs.size());
  const std::int64_t each = count == 0 ? 0 : (size + count - 1) / count;
  for (std::int64_t i = 0; sizes.empty() && i < count; ++i)
    sizes.resize(static_cast<std::size_t>(count), each);
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < importer.node().outputs.size(); ++i) {
    const std::int64_t wanted = i < sizes.size() ? std::min(sizes[i], size - begin) : 0;
    const std::int64_t end = begin + wanted;
    if (wanted < 1 || end <= begin) importer.broken("splits ", size, " into ", Shape(sizes));
    importer.result(i, part_of(importer, from, {axis, begin, end, 1}));
    begin = end;
  }
}

void convert_identity(Importer& importer) { importer.result(importer.in(0)); }

/// Identity, but where the file asks for zeros at random (training_mode since opset 12).
void convert_dropout(Importer& importer) {
  if (importer.has(2) && (!importer.in(2).fixed || importer.fixed(2).data()[0] != 0))
    importer.refuse("is in training mode; export the model for inference");
  importer.result(importer.in(0));
}

void convert_cast(Importer& importer) {
  const std::int64_t to = importer.integer("to", 1);
  if (to != 1 && to != 10 && to != 11 && to != 16) importer.refuse("turns values into whole numbers");
  importer.result(importer.in(0));
}

void convert_cast_like(Importer& importer) {
  const Known& like = importer.in(1);
  if (like.fixed && like.fixed->dtype() == DType::int64) importer.refuse("turns values into whole numbers");
  importer.result(importer.in(0));
}

/// Mean, Max, Sum and Min over axes of each photo.
void convert_reduction(Importer& importer) {
  const Known from = without_flat(importer, importer.in(0));
  const std::string kind = importer.node().op.substr(6);  // after "Reduce"
  Sizes axes = importer.list_or_input("axes", 1);
  const bool keep = importer.integer("keepdims", 1) != 0;
  if (axes.empty()) importer.refuse("is over all axes, the batch's too");
  for (std::int64_t& axis : axes) axis = importer.axis(axis, from.shape.rank());
  std::ranges::sort(axes);
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  if (axes.front() == 0) importer.refuse("is over the batch axis");
  const bool pools = from.shape.rank() == 4 && axes == Sizes{2, 3} && (kind == "Mean" || kind == "Max");
  if (pools) {
    const std::string name = importer.layer_name(0);
    const SymbolicTensor x = importer.image(from);
    const bool max = kind == "Max";
    const Layer layer = max ? layers::GlobalMaxPooling2D({.keepdims = keep, .name = name})
                            : layers::GlobalAveragePooling2D({.keepdims = keep, .name = name});
    Known result = plain_value(importer.call(layer, {x}), from.non_negative);
    if (keep) {
      result.shape = {from.shape[0], from.shape[1], 1, 1};
      result.order = kImageOrder;
      result.pooled = x;
      result.pooled_max = max;
    }
    return importer.result(std::move(result));
  }
  Json places = Json::array();
  for (const std::int64_t axis : axes) places.push_back(place_of(from, static_cast<int>(axis)));
  Known result = Importer::same_axes(
      from, importer.operation(kind.c_str(), {from.tensor}, {{"axis", places}, {"keepdims", keep}}),
      from.non_negative);
  for (const std::int64_t axis : axes) result.shape.set(static_cast<int>(axis), 1);
  if (!keep) {
    // The other axes move together, in the order that they have.
    Sizes sizes;
    Order order;
    const auto gone = [&](int axis) { return std::ranges::find(axes, axis) != axes.end(); };
    for (int axis = 0; axis < static_cast<int>(from.shape.rank()); ++axis)
      if (!gone(axis)) sizes.push_back(from.shape[axis]);
    for (const int axis : from.order) {
      if (!gone(axis))
        order.push_back(axis - static_cast<int>(std::ranges::count_if(
                                   axes, [axis](std::int64_t other) { return other < axis; })));
    }
    result.shape = Shape(sizes);
    result.order = order;
  }
  importer.result(std::move(result));
}

}  // namespace

const Operators& shape_operators() {
  static const Operators operators{
      {"Flatten", convert_flatten},      {"Reshape", convert_reshape},     {"Squeeze", convert_squeeze},
      {"Unsqueeze", convert_unsqueeze},  {"Transpose", convert_transpose}, {"Concat", convert_concat},
      {"Slice", convert_slice},          {"Split", convert_split},         {"Identity", convert_identity},
      {"Dropout", convert_dropout},      {"CastLike", convert_cast_like},  {"Cast", convert_cast},
      {"ReduceMean", convert_reduction}, {"ReduceMax", convert_reduction}, {"ReduceSum", convert_reduction},
      {"ReduceMin", convert_reduction},
  };
  return operators;
}

}  // namespace onnx
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
// Normalisations: over the batch, over channels, over images.
#include <algorithm>

#include "graft/layers/normalization.hpp"

#include "onnx/import/windows.hpp"

namespace graft {
inline namespace onnx {
namespace {

void convert_batch_normalization(Importer& importer) {
  const Known& from = importer.in(0);
  if (importer.integer("training_mode", 0) != 0)
    importer.refuse("is in training mode; export the model for inference");
  if (importer.integer("spatial", 1) == 0) importer.refuse("normalises each place by itself (spatial=0)");
  const bool is_image = from.shape.rank() == 4;
  const SymbolicTensor x = is_image ? importer.image(from) : importer.plain(from);
  if (!is_image && from.shape.rank() != 2) importer.refuse("has an input ", from.shape);
  const Layer layer = layers::BatchNormalization({.momentum = importer.real("momentum", 0.9),
                                                  .epsilon = importer.real("epsilon", 1e-5),
                                                  .name = importer.layer_name()});
  const SymbolicTensor y = importer.call(layer, {x});
  std::vector<Tensor> weights;
  for (std::size_t i = 1; i <= 4; ++i) {
    weights.push_back(importer.fixed(i));
    if (weights.back().shape() != Shape{from.shape[1]})
      importer.broken("has ", weights.back().shape(), " numbers for ", from.shape[1], " channels");
  }
  Importer::set_weights(layer, weights);
  if (is_image) return importer.result(image_value(y, false));
  Known result;
  result.shape = y.shape;
  result.order = identity_order(2);
  result.tensor = y;
  importer.result(std::move(result));
}

/// Over the last axis, or over several up to the last one.
void convert_layer_normalization(Importer& importer) {
  const Known& from = importer.in(0);
  const auto last = static_cast<int>(from.shape.rank()) - 1;
  const int axis = importer.axis(importer.integer("axis", -1), from.shape.rank());
  if (axis == 0) importer.refuse("is over the batch axis");
  const bool as_it_lies = axis == last && from.flat.empty() && from.order.back() == last;
  const SymbolicTensor x = as_it_lies ? from.tensor : importer.plain(from);
  std::vector<std::int64_t> axes;
  std::vector<std::int64_t> sizes;
  for (int i = axis; i <= last; ++i) {
    axes.push_back(i);
    sizes.push_back(x.shape[i]);
  }
  const Layer layer = layers::LayerNormalization({.axis = axes,
                                                  .epsilon = importer.real("epsilon", 1e-5),
                                                  .center = importer.has(2),
                                                  .scale = importer.has(1),
                                                  .name = importer.layer_name()});
  Known result = Importer::same_axes(from, importer.call(layer, {x}), false);
  result.flat.clear();
  if (!as_it_lies) result.order = identity_order(from.shape.rank());
  std::vector<Tensor> weights;
  for (std::size_t i = 1; i <= 2; ++i) {
    if (!importer.has(i)) continue;
    weights.push_back(importer.fixed(i));
    if (weights.back().shape() != Shape(sizes))
      importer.broken("has ", weights.back().shape(), " numbers for ", Shape(sizes));
  }
  Importer::set_weights(layer, weights);
  importer.result(std::move(result));
}

/// Of join_nodes(): x / |x| over the last axis.
void convert_joined_unit(Importer& importer) {
  const Known& from = importer.in(0);
  const bool as_it_lies = from.flat.empty() && from.order.back() + 1 == static_cast<int>(from.shape.rank());
  const SymbolicTensor x = as_it_lies ? from.tensor : importer.plain(from);
  const Layer layer = layers::UnitNormalization(importer.layer_name(0));
  Known result = Importer::same_axes(from, importer.call(layer, {x}), from.non_negative);
  result.flat.clear();
  if (!as_it_lies) result.order = identity_order(from.shape.rank());
  importer.result(std::move(result));
}

/// The axes in an order that has the channels last: N, all others, C.
Order channels_last(std::size_t rank) {
  Order order = identity_order(rank);
  order.erase(order.begin() + 1);
  order.push_back(1);
  return order;
}

/// One number per channel.
Tensor per_channel(const Importer& importer, std::size_t input, std::int64_t channels) {
  const Tensor numbers = importer.fixed(input);
  if (numbers.count() != channels)
    importer.broken("has ", numbers.shape(), " numbers for ", channels, " channels");
  return numbers.reshape({channels});
}

/// Mean and variance of each photo over a group of channels and all places. gamma, beta: inputs of the node;
/// 0: it has none.
void groups(Importer& importer, std::int64_t count, std::size_t gamma, std::size_t beta) {
  const Known& from = importer.in(0);
  if (from.shape.rank() < 3) importer.refuse("has an input ", from.shape);
  const std::int64_t channels = from.shape[1];
  if (count != -1 && (count < 1 || channels < 1 || channels % count != 0))
    importer.broken("makes ", count, " groups of ", channels, " channels");
  const Order order = channels_last(from.shape.rank());
  const SymbolicTensor x = importer.arranged(from, order);
  const Layer layer = layers::GroupNormalization({.groups = count,
                                                  .epsilon = importer.real("epsilon", 1e-5),
                                                  .center = beta > 0,
                                                  .scale = gamma > 0,
                                                  .name = importer.layer_name(gamma)});
  Known result = Importer::same_axes(from, importer.call(layer, {x}), false);
  result.order = order;
  std::vector<Tensor> weights;
  for (const std::size_t input : {gamma, beta})
    if (input > 0) weights.push_back(per_channel(importer, input, channels));
  Importer::set_weights(layer, weights);
  importer.result(std::move(result));
}

void convert_instance_normalization(Importer& importer) { groups(importer, -1, 1, 2); }

void convert_group_normalization(Importer& importer) {
  // In opset 18 there is one factor per group, which was a mistake of the standard.
  if (importer.opset() < 21) importer.refuse("is known from opset 21 on");
  groups(importer, importer.integer("num_groups", 0), 1, 2);
}

/// Of join_nodes(): x, the shape it is brought back to, gamma, beta.
void convert_joined_groups(Importer& importer) {
  const Shape& shape = importer.in(0).shape;
  std::vector<std::int64_t> target = importer.integers(1);
  // 0 and -1: as many as there are, where all others are equal.
  for (std::size_t i = 0; i < target.size() && i < shape.rank(); ++i)
    if (i == 0 || target[i] <= 0) target[i] = shape.sizes()[i];
  if (Shape(target) != shape) importer.refuse("brings ", shape, " into the shape ", Shape(target));
  groups(importer, importer.integer("num_groups", 0), importer.has(2) ? 2 : 0, importer.has(3) ? 3 : 0);
}

}  // namespace

const Operators& normalization_operators() {
  static const Operators operators{
      {"BatchNormalization", convert_batch_normalization},
      {"LayerNormalization", convert_layer_normalization},
      {"InstanceNormalization", convert_instance_normalization},
      {"GroupNormalization", convert_group_normalization},
      {kJoinedGroups, convert_joined_groups},
      {kJoinedUnit, convert_joined_unit},
  };
  return operators;
}

}  // namespace onnx
}  // namespace graft

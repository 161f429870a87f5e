// SPDX-License-Identifier: Apache-2.0
// Convolutions, pooling and padding of images.
#include "onnx/import/windows.hpp"

#include <algorithm>
#include <array>

#include "graft/base/json.hpp"
#include "graft/layers/convolutional.hpp"
#include "graft/layers/pooling.hpp"
#include "graft/layers/reshaping.hpp"
#include "graft/ops/permuted.hpp"

namespace graft {
inline namespace onnx {

std::int64_t entry(const Importer& importer, const std::vector<std::int64_t>& list, std::size_t i,
                   std::int64_t fallback, std::int64_t least) {
  if (list.empty()) return fallback;
  if (i >= list.size())
    importer.refuse("has ", list.size(), " numbers for two axes; graft knows it for images");
  if (list[i] < least || list[i] > kMostExtent) importer.broken("has the impossible size ", list[i]);
  return list[i];
}

Known image_value(SymbolicTensor tensor, bool non_negative) {
  Known known;
  const Shape& s = tensor.shape;
  known.shape = {s[0], s[3], s[1], s[2]};
  known.order = kImageOrder;
  known.tensor = std::move(tensor);
  known.non_negative = non_negative;
  return known;
}

namespace {

/// Reads strides, dilations and pads. kernel: of the weights or of kernel_shape.
Spans spans_of(const Importer& importer, const Shape& image, Size2D kernel) {
  const std::vector<std::int64_t> strides = importer.list("strides");
  const std::vector<std::int64_t> dilations = importer.list("dilations");
  const std::vector<std::int64_t> pads = importer.list("pads");
  const std::string automatic = importer.text("auto_pad", "NOTSET");
  Spans spans;
  for (std::size_t i = 0; i < 2; ++i) {
    Span& span = spans.axes.at(i);
    span.input = image[static_cast<int>(i) + 1];
    span.size = i == 0 ? kernel.height : kernel.width;
    span.stride = entry(importer, strides, i, 1, 1);
    span.dilation = entry(importer, dilations, i, 1, 1);
    span.before = entry(importer, pads, i, 0, 0);
    span.after = entry(importer, pads, i + 2, 0, 0);
    if (automatic == "NOTSET" || automatic.empty()) continue;
    span.before = span.after = 0;
    if (automatic == "VALID") continue;
    if (span.input < 0)
      importer.refuse("pads an image of open size by itself; export the model for a fixed image size");
    const std::int64_t output = (span.input + span.stride - 1) / span.stride;
    const std::int64_t total =
        std::max<std::int64_t>(0, (output - 1) * span.stride + span.reach() - span.input);
    span.before = automatic == "SAME_LOWER" ? total - total / 2 : total / 2;
    span.after = total - span.before;
  }
  return spans;
}

SymbolicTensor padded(Importer& importer, const SymbolicTensor& x, const Spans& spans) {
  const auto& [height, width] = spans.axes;
  return importer.call(layers::ZeroPadding2D({.top = height.before,
                                              .bottom = height.after,
                                              .left = width.before,
                                              .right = width.after,
                                              .name = importer.unique(importer.layer_name(0) + "_pad")}),
                       {x});
}

/// (out, in, kh, kw) with its bias, as a layer.
Layer convolution(Importer& importer, const Tensor& kernel, std::int64_t channels, const Spans& spans,
                  Padding padding) {
  const std::int64_t filters = kernel.shape()[0];
  const std::int64_t groups = importer.integer("group", 1);
  if (groups < 1 || channels % groups != 0 || kernel.shape()[1] != channels / groups || filters % groups != 0)
    importer.broken("has a kernel ", kernel.shape(), " in ", groups, " groups for ", channels, " channels");
  const Size2D dilation{spans.axes[0].dilation, spans.axes[1].dilation};
  const bool bias = importer.has(2);
  if (groups == channels && channels > 1) {
    return layers::DepthwiseConv2D({.kernel_size = spans.size(),
                                    .strides = spans.strides(),
                                    .padding = padding,
                                    .depth_multiplier = filters / channels,
                                    .dilation_rate = dilation,
                                    .use_bias = bias,
                                    .name = importer.layer_name()});
  }
  return layers::Conv2D({.filters = filters,
                         .kernel_size = spans.size(),
                         .strides = spans.strides(),
                         .padding = padding,
                         .dilation_rate = dilation,
                         .groups = groups,
                         .use_bias = bias,
                         .name = importer.layer_name()});
}

void convert_conv(Importer& importer) {
  SymbolicTensor x = importer.image(importer.in(0));
  const Tensor kernel = importer.fixed(1);
  if (kernel.shape().rank() != 4 || kernel.count() == 0)
    importer.refuse("has a kernel ", kernel.shape(), "; graft knows it for images");
  const std::int64_t channels = x.shape[3];
  const Spans spans = spans_of(importer, x.shape, {kernel.shape()[2], kernel.shape()[3]});
  const bool same = spans.has_pads() && spans.is_same();
  if (spans.has_pads() && !same) x = padded(importer, x, spans);
  const Layer layer = convolution(importer, kernel, channels, spans, same ? Padding::same : Padding::valid);
  const SymbolicTensor y = importer.call(layer, {x});
  std::vector<Tensor> weights{ops::permuted(kernel, {2, 3, 1, 0}).reshape(layer.weights().front()->shape())};
  if (importer.has(2)) {
    const Tensor bias = importer.fixed(2);
    if (bias.count() != kernel.shape()[0])
      importer.broken("has a bias ", bias.shape(), " for ", kernel.shape()[0], " filters");
    weights.push_back(bias.reshape({bias.count()}));
  }
  Importer::set_weights(layer, weights);
  importer.result(image_value(y, false));
}

/// Rounds the outputs up, as ceil_mode does: more padding after the image.
void add_ceil_pads(const Importer& importer, Spans& spans) {
  for (Span& span : spans.axes) {
    if (span.input < 0) importer.refuse("rounds an open size up; export the model for a fixed image size");
    const std::int64_t room = span.input + span.before + span.after - span.reach();
    std::int64_t output = (room + span.stride - 1) / span.stride + 1;
    // A window that begins in the padding after the image does not count.
    if ((output - 1) * span.stride >= span.input + span.before) --output;
    span.beyond = std::max<std::int64_t>(0, (output - 1) * span.stride - room);
    span.after += span.beyond;
  }
}

/// Size of a window / how many of its elements count, for each window of an axis.
std::vector<double> shares_of(const Importer& importer, const Span& span, bool counts_padding) {
  if (span.input < 0)
    importer.refuse("leaves the padding of an open size out; export the model for a fixed image size");
  // What is beyond the padding, because the number of windows was rounded up, never counts.
  const std::int64_t begin = counts_padding ? -span.before : 0;
  const std::int64_t end = span.input + (counts_padding ? span.after - span.beyond : 0);
  std::vector<double> shares;
  for (std::int64_t at = -span.before; at + span.size <= span.input + span.after; at += span.stride) {
    const std::int64_t counted = std::min(at + span.size, end) - std::max(at, begin);
    if (counted < 1) importer.broken("has a window without any pixel");
    shares.push_back(static_cast<double>(span.size) / static_cast<double>(counted));
  }
  return shares;
}

/// The mean over windows. Where some of their elements do not count, the mean of all with zeros, times the
/// share.
SymbolicTensor mean_pool(Importer& importer, SymbolicTensor x, const Spans& spans, bool counts_padding) {
  const auto& [height, width] = spans.axes;
  const bool all_count = !spans.has_pads() || (counts_padding && height.beyond == 0 && width.beyond == 0);
  const bool same = spans.has_pads() && spans.is_same() && !counts_padding;
  if (spans.has_pads() && !same) x = padded(importer, x, spans);
  x = importer.call(layers::AveragePooling2D({.pool_size = spans.size(),
                                              .strides = spans.strides(),
                                              .padding = same ? Padding::same : Padding::valid,
                                              .name = importer.layer_name(0)}),
                    {x});
  if (all_count || same) return x;
  const std::vector<double> rows = shares_of(importer, height, counts_padding);
  const std::vector<double> columns = shares_of(importer, width, counts_padding);
  Tensor shares({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(columns.size()), 1});
  auto to = shares.data().begin();
  for (const double row : rows)
    for (const double column : columns) *to++ = static_cast<float>(row * column);
  return importer.operation_with("Multiply", x, nested_numbers(shares));
}

/// The maximum over windows. Where the padding is not Keras's and values can be negative, so that zeros would
/// count: windows at each pixel, of which every stride-th is taken.
SymbolicTensor max_pool(Importer& importer, const SymbolicTensor& x, const Spans& spans, bool non_negative) {
  layers::MaxPooling2DOptions options{
      .pool_size = spans.size(), .strides = spans.strides(), .name = importer.layer_name(0)};
  const bool same = spans.has_pads() && spans.is_same();
  options.padding = same ? Padding::same : Padding::valid;
  if (!spans.has_pads() || same) return importer.call(layers::MaxPooling2D(options), {x});
  if (non_negative) return importer.call(layers::MaxPooling2D(options), {padded(importer, x, spans)});
  Json key = Json::array({slice_key(nullptr, nullptr, nullptr)});
  for (const Span& span : spans.axes) {
    const std::int64_t half = span.size / 2;
    const std::int64_t last = (span.input + span.before + span.after - span.size) / span.stride;
    if (span.input < 0 || span.size % 2 == 0 || span.before != half || last * span.stride >= span.input)
      importer.refuse("pads values that may be negative otherwise than Keras's 'same'");
    key.push_back(slice_key(0, last * span.stride + 1, span.stride));
  }
  options.strides = Size2D(1);
  options.padding = Padding::same;
  return importer.operation_with("GetItem", importer.call(layers::MaxPooling2D(options), {x}), key);
}

void convert_pool(Importer& importer) {
  const bool max = importer.node().op == "MaxPool";
  const Known& from = importer.in(0);
  const SymbolicTensor x = importer.image(from);
  const std::vector<std::int64_t> kernel = importer.list("kernel_shape");
  Spans spans =
      spans_of(importer, x.shape, {entry(importer, kernel, 0, 1, 1), entry(importer, kernel, 1, 1, 1)});
  if (spans.axes[0].dilation != 1 || spans.axes[1].dilation != 1) importer.refuse("has dilations");
  if (importer.integer("ceil_mode", 0) != 0) add_ceil_pads(importer, spans);
  const SymbolicTensor y = max ? max_pool(importer, x, spans, from.non_negative)
                               : mean_pool(importer, x, spans, importer.integer("count_include_pad", 0) != 0);
  Known result = image_value(y, from.non_negative);
  if (spans.size() == Size2D(x.shape[1], x.shape[2]) && !spans.has_pads()) {
    result.pooled = x;
    result.pooled_max = max;
  }
  importer.result(std::move(result));
}

void convert_global_pool(Importer& importer) {
  const bool max = importer.node().op == "GlobalMaxPool";
  const Known& from = importer.in(0);
  const SymbolicTensor x = importer.image(from);
  const std::string name = importer.layer_name(0);
  const Layer layer = max ? layers::GlobalMaxPooling2D({.keepdims = true, .name = name})
                          : layers::GlobalAveragePooling2D({.keepdims = true, .name = name});
  Known result = image_value(importer.call(layer, {x}), from.non_negative);
  result.pooled = x;
  result.pooled_max = max;
  importer.result(std::move(result));
}

void convert_pad(Importer& importer) {
  const Known& from = importer.in(0);
  if (from.shape.rank() != 4) importer.refuse("pads something else than an image");
  const std::vector<std::int64_t> pads = importer.list_or_input("pads", 1);
  if (pads.size() != 8 || importer.has(3)) importer.refuse("pads some axes only");
  if (std::ranges::all_of(pads, [](std::int64_t pad) { return pad == 0; })) return importer.result(from);
  if (importer.text("mode", "constant") != "constant" ||
      importer.number_or_input("value", 2).value_or(0) != 0)
    importer.refuse("pads with something else than zeros");
  const auto before = [&](std::size_t axis) { return pads[static_cast<std::size_t>(from.order[axis])]; };
  const auto after = [&](std::size_t axis) { return pads[static_cast<std::size_t>(from.order[axis]) + 4]; };
  if (before(0) != 0 || before(3) != 0 || after(0) != 0 || after(3) != 0)
    importer.refuse("pads channels or the batch");
  if (std::ranges::any_of(pads, [](std::int64_t pad) { return pad < 0 || pad > kMostExtent; }))
    importer.refuse("cuts, or pads beyond any image");
  const Layer layer = layers::ZeroPadding2D({.top = before(1),
                                             .bottom = after(1),
                                             .left = before(2),
                                             .right = after(2),
                                             .name = importer.layer_name(0)});
  Known result = Importer::same_axes(from, importer.call(layer, {from.tensor}), from.non_negative);
  for (int axis = 1; axis < 4; ++axis)
    result.shape.set(from.order[static_cast<std::size_t>(axis)], result.tensor.shape[axis]);
  importer.result(std::move(result));
}

}  // namespace

const Operators& window_operators() {
  static const Operators operators{
      {"Conv", convert_conv},
      {"MaxPool", convert_pool},
      {"AveragePool", convert_pool},
      {"GlobalAveragePool", convert_global_pool},
      {"GlobalMaxPool", convert_global_pool},
      {"Pad", convert_pad},
  };
  return operators;
}

}  // namespace onnx
}  // namespace graft

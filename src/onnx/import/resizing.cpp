// SPDX-License-Identifier: Apache-2.0
// Operators that enlarge images: transposed convolutions and resizing.
#include <algorithm>
#include <array>
#include <cmath>

#include "graft/layers/convolutional.hpp"
#include "graft/layers/preprocessing.hpp"
#include "graft/layers/reshaping.hpp"
#include "graft/ops/permuted.hpp"

#include "onnx/import/windows.hpp"

namespace graft {
inline namespace onnx {
namespace {

/// One axis of a transposed convolution: what is added after, or cut off, of the whole result.
struct Spread {
  std::int64_t size = 1, stride = 1, dilation = 1, added = 0, cut_before = 0, cut_after = 0;
};

Spread spread_of(const Importer& importer, std::size_t i, std::int64_t input, std::int64_t size) {
  Spread one{.size = size,
             .stride = entry(importer, importer.list("strides"), i, 1, 1),
             .dilation = entry(importer, importer.list("dilations"), i, 1, 1)};
  const std::int64_t padding = entry(importer, importer.list("output_padding"), i, 0, 0);
  one.cut_before = entry(importer, importer.list("pads"), i, 0, 0);
  one.cut_after = entry(importer, importer.list("pads"), i + 2, 0, 0);
  const std::string automatic = importer.text("auto_pad", "NOTSET");
  const std::vector<std::int64_t> wanted = importer.list("output_shape");
  if (automatic == "VALID") one.cut_before = one.cut_after = 0;
  if (!wanted.empty() || automatic.starts_with("SAME")) {
    if (input < 0)
      importer.refuse("cuts an image of open size by itself; export the model for a fixed image size");
    const std::int64_t whole = (input - 1) * one.stride + padding + (size - 1) * one.dilation + 1;
    const std::int64_t output = wanted.empty() ? input * one.stride : entry(importer, wanted, i, 1, 1);
    const std::int64_t total = std::max<std::int64_t>(0, whole - output);
    one.cut_before = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    one.cut_after = total - one.cut_before;
    if (output > whole) importer.refuse("makes ", output, " of ", whole, " rows or columns");
  }
  // What is added after the result, beyond what is cut off there, has the bias alone.
  one.added = std::max<std::int64_t>(0, padding - one.cut_after);
  one.cut_after = std::max<std::int64_t>(0, one.cut_after - padding);
  if (one.added >= one.stride && one.added > 0)
    importer.refuse("adds ", one.added, " rows or columns for a stride of ", one.stride);
  return one;
}

void convert_conv_transpose(Importer& importer) {
  SymbolicTensor x = importer.image(importer.in(0));
  const Tensor kernel = importer.fixed(1);
  if (kernel.shape().rank() != 4 || kernel.count() == 0)
    importer.refuse("has a kernel ", kernel.shape(), "; graft knows it for images");
  if (importer.integer("group", 1) != 1) importer.refuse("is in groups");
  if (kernel.shape()[0] != x.shape[3])
    importer.broken("has a kernel ", kernel.shape(), " for ", x.shape[3], " channels");
  const Spread height = spread_of(importer, 0, x.shape[1], kernel.shape()[2]);
  const Spread width = spread_of(importer, 1, x.shape[2], kernel.shape()[3]);
  const bool dilates = height.dilation != 1 || width.dilation != 1;
  if (dilates && (height.stride != 1 || width.stride != 1)) importer.refuse("has strides and dilations");
  const Layer layer = layers::Conv2DTranspose({.filters = kernel.shape()[1],
                                               .kernel_size = {height.size, width.size},
                                               .strides = {height.stride, width.stride},
                                               .output_padding = Size2D(height.added, width.added),
                                               .dilation_rate = {height.dilation, width.dilation},
                                               .use_bias = importer.has(2),
                                               .name = importer.layer_name()});
  x = importer.call(layer, {x});
  std::vector<Tensor> weights{ops::permuted(kernel, {2, 3, 1, 0})};
  if (importer.has(2)) {
    weights.push_back(importer.fixed(2));
    if (weights.back().shape() != Shape{kernel.shape()[1]})
      importer.broken("has a bias ", weights.back().shape(), " for ", kernel.shape()[1], " filters");
  }
  Importer::set_weights(layer, weights);
  if (height.cut_before + height.cut_after + width.cut_before + width.cut_after > 0)
    x = importer.call(layers::Cropping2D({.top = height.cut_before,
                                          .bottom = height.cut_after,
                                          .left = width.cut_before,
                                          .right = width.cut_after,
                                          .name = importer.unique(layer.name() + "_cut")}),
                      {x});
  importer.result(image_value(x, false));
}

/// How an image is resized, from the node's settings in any opset.
struct Resize {
  std::string mode, places, rounding;
  std::array<std::int64_t, 2> from{}, to{};

  /// The whole factor of both axes where there is one.
  [[nodiscard]] bool repeats() const {
    return from[0] > 0 && from[1] > 0 && to[0] % from[0] == 0 && to[1] % from[1] == 0;
  }
};

/// Sizes of the result, which scales that make no whole pixels would place otherwise.
std::int64_t size_of_scale(const Importer& importer, std::int64_t from, float scale) {
  const double size = static_cast<double>(from) * static_cast<double>(scale);
  if (!(size >= 1 && size <= static_cast<double>(kMostExtent)))
    importer.broken("has the impossible scale ", scale);
  if (std::abs(size - std::round(size)) > 1e-4 * size)
    importer.refuse("makes ", size, " pixels of ", from, ", which is no whole number");
  return static_cast<std::int64_t>(std::round(size));
}

std::array<std::int64_t, 2> target_of(const Importer& importer, const Shape& shape) {
  const bool is_resize = importer.node().op == "Resize" && importer.opset() >= 11;
  if (is_resize && importer.has(3) && importer.in(3).shape.count() > 0) {
    const std::vector<std::int64_t> sizes = importer.integers(3);
    const bool keeps = sizes.size() == 4 && (sizes[0] == 1 || sizes[0] == -1) && sizes[1] == shape[1];
    if (!keeps) importer.refuse("makes ", Shape(sizes), " of ", shape);
    return {entry(importer, sizes, 2, 1, 1), entry(importer, sizes, 3, 1, 1)};
  }
  const Tensor scales = importer.fixed(is_resize ? 2 : 1);
  if (scales.count() != 4 || scales.data()[0] != 1 || scales.data()[1] != 1)
    importer.refuse("has scales that are not 1 for the batch and the channels");
  return {size_of_scale(importer, shape[2], scales.data()[2]),
          size_of_scale(importer, shape[3], scales.data()[3])};
}

Resize resize_of(const Importer& importer, const Shape& shape) {
  if (shape[2] < 0 || shape[3] < 0)
    importer.refuse("resizes an image of open size; export the model for a fixed image size");
  for (const char* attribute : {"axes", "keep_aspect_ratio_policy", "antialias"}) {
    const formats::OnnxAttribute* given = importer.node().find(attribute);
    if (given != nullptr && given->integer != 0) importer.refuse("has ", attribute);
    if (given != nullptr && !given->integers.empty()) importer.refuse("has ", attribute);
    if (given != nullptr && !given->text.empty() && given->text != "stretch")
      importer.refuse("has ", attribute);
  }
  const bool chooses = importer.node().op == "Resize" && importer.opset() >= 11;
  return {.mode = importer.text("mode", "nearest"),
          .places = chooses ? importer.text("coordinate_transformation_mode", "half_pixel") : "asymmetric",
          .rounding = chooses ? importer.text("nearest_mode", "round_prefer_floor") : "floor",
          .from = {shape[2], shape[3]},
          .to = target_of(importer, shape)};
}

void convert_resize(Importer& importer) {
  const Known& from = importer.in(0);
  const SymbolicTensor x = importer.image(from);
  const Resize resize = resize_of(importer, from.shape);
  const bool half_pixel = resize.places == "half_pixel" ||
                          (resize.places == "pytorch_half_pixel" && resize.to[0] > 1 && resize.to[1] > 1);
  const std::string name = importer.layer_name(0);
  if (resize.to == resize.from) return importer.result(from);
  if (resize.mode == "nearest") {
    const bool from_left = resize.places == "asymmetric" && resize.rounding == "floor";
    const bool from_middle = half_pixel && resize.rounding.starts_with("round_prefer");
    if (!resize.repeats() || (!from_left && !from_middle))
      importer.refuse("takes nearest pixels as ", resize.places, ", ", resize.rounding,
                      "; graft knows whole factors, asymmetric with floor or half_pixel with rounding");
    const Size2D factor{resize.to[0] / resize.from[0], resize.to[1] / resize.from[1]};
    return importer.result(image_value(
        importer.call(layers::UpSampling2D({.size = factor, .name = name}), {x}), from.non_negative));
  }
  if (resize.mode != "linear" || !half_pixel)
    importer.refuse("is ", resize.mode, " with ", resize.places,
                    "; graft knows nearest, and linear with half_pixel");
  const Layer layer = layers::Resizing({.height = resize.to[0], .width = resize.to[1], .name = name});
  importer.result(image_value(importer.call(layer, {x}), from.non_negative));
}

}  // namespace

const Operators& resizing_operators() {
  static const Operators operators{
      {"ConvTranspose", convert_conv_transpose}, {"Resize", convert_resize}, {"Upsample", convert_resize}};
  return operators;
}

}  // namespace onnx
}  // namespace graft

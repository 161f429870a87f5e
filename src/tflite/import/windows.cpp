// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/ops/permuted.hpp"

#include "tflite/import/translator.hpp"
#include "tflite/same_padding.hpp"

namespace graft {
inline namespace tflite {
namespace {

using formats::OnnxAttribute;

struct Sizes {
  std::int64_t height = 0, width = 0;
};

std::vector<OnnxAttribute> window_attributes(Translator& t, const Sizes& kernel) {
  const formats::TfliteSettings& s = t.op().settings;
  if (s.stride_height < 1 || s.stride_width < 1 || s.dilation_height < 1 || s.dilation_width < 1 ||
      kernel.height < 1 || kernel.width < 1)
    t.refuse("has a window without a size");
  Integers pads{0, 0, 0, 0};
  if (s.padding == 0) {
    const Shape& x = t.in(0).shape;
    if (x.rank() != 4 || x[1] < 1 || x[2] < 1) t.refuse("pads an image of open size");
    const AxisPadding rows = same_padding(x[1], kernel.height, s.stride_height, s.dilation_height);
    const AxisPadding columns = same_padding(x[2], kernel.width, s.stride_width, s.dilation_width);
    pads = {rows.before, columns.before, rows.after, columns.after};
  }
  return {OnnxAttribute::of("kernel_shape", Integers{kernel.height, kernel.width}),
          OnnxAttribute::of("strides", Integers{s.stride_height, s.stride_width}),
          OnnxAttribute::of("pads", pads)};
}

void translate_convolution(Translator& t, bool depthwise) {
  const Tensor given = t.fixed(1);
  if (given.shape().rank() != 4) t.refuse("has a kernel ", given.shape());
  const Shape& x = t.in(0).shape;
  if (x.rank() != 4 || x[3] < 1) t.refuse("reads ", x, "; graft knows it for images (N, H, W, C)");
  // (out, kh, kw, in) and (1, kh, kw, out): both become (out, in / groups, kh, kw).
  const Tensor kernel =
      ops::permuted(given, depthwise ? std::vector<int>{3, 0, 1, 2} : std::vector<int>{0, 3, 1, 2});
  const std::int64_t groups = depthwise ? x[3] : x[3] / std::max<std::int64_t>(given.shape()[3], 1);
  auto attributes = window_attributes(t, {given.shape()[1], given.shape()[2]});
  const formats::TfliteSettings& s = t.op().settings;
  attributes.push_back(OnnxAttribute::of("dilations", Integers{s.dilation_height, s.dilation_width}));
  attributes.push_back(OnnxAttribute::of("group", groups));
  const std::string kernel_name = t.in(1).name;
  Names inputs{t.channels_first(t.name(0)), t.constant(kernel, kernel_name)};
  if (t.has(2)) inputs.push_back(t.name(2));
  t.result(t.channels_last(t.add("Conv", std::move(inputs), std::move(attributes))));
}

void translate_pool(Translator& t) {
  const formats::TfliteSettings& s = t.op().settings;
  const char* op = t.op().op == TfliteOp::max_pool_2d ? "MaxPool" : "AveragePool";
  const auto attributes = window_attributes(t, {s.filter_height, s.filter_width});
  t.result(t.channels_last(t.add(op, {t.channels_first(t.name(0))}, attributes)));
}

void translate_pad(Translator& t) {
  const Integers pairs = t.integers(1);
  if (t.in(0).shape.rank() * 2 != pairs.size()) t.refuse("has ", pairs.size(), " sizes");
  Integers before, after;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    before.push_back(pairs[i]);
    after.push_back(pairs[i + 1]);
  }
  before.insert(before.end(), after.begin(), after.end());
  Names inputs{t.name(0), t.integers_of(before)};
  if (t.op().op == TfliteOp::padv2) inputs.push_back(t.name(2));
  t.result(t.add("Pad", std::move(inputs)));
}

}  // namespace

bool translate_window(Translator& t) {
  switch (t.op().op) {
    case TfliteOp::conv_2d:
      translate_convolution(t, false);
      return true;
    case TfliteOp::depthwise_conv_2d:
      translate_convolution(t, true);
      return true;
    case TfliteOp::average_pool_2d:
    case TfliteOp::max_pool_2d:
      translate_pool(t);
      return true;
    case TfliteOp::pad:
    case TfliteOp::padv2:
      translate_pad(t);
      return true;
    default:
      return false;
  }
}

}  // namespace tflite
}  // namespace graft

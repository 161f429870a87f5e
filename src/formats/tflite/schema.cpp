// SPDX-License-Identifier: Apache-2.0
#include "formats/tflite/schema.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"

namespace graft::formats {
namespace {

using S = TfliteSettings;

constexpr std::array kConvolution{
    TfliteField{0, &S::padding},           TfliteField{1, &S::stride_width},
    TfliteField{2, &S::stride_height},     TfliteField{3, &S::activation},
    TfliteField{4, &S::dilation_width, 1}, TfliteField{5, &S::dilation_height, 1}};
constexpr std::array kDepthwise{TfliteField{0, &S::padding},           TfliteField{1, &S::stride_width},
                                TfliteField{2, &S::stride_height},     TfliteField{3, &S::depth_multiplier},
                                TfliteField{4, &S::activation},        TfliteField{5, &S::dilation_width, 1},
                                TfliteField{6, &S::dilation_height, 1}};
constexpr std::array kPool{TfliteField{0, &S::padding},       TfliteField{1, &S::stride_width},
                           TfliteField{2, &S::stride_height}, TfliteField{3, &S::filter_width},
                           TfliteField{4, &S::filter_height}, TfliteField{5, &S::activation}};
constexpr std::array kFullyConnected{TfliteField{0, &S::activation}, TfliteField{2, &S::keep_dims}};
constexpr std::array kSoftmax{TfliteField{0, &S::beta}};
constexpr std::array kConcatenation{TfliteField{0, &S::axis}, TfliteField{1, &S::activation}};
constexpr std::array kArithmetic{TfliteField{0, &S::activation}};
constexpr std::array kReducer{TfliteField{0, &S::keep_dims}};
constexpr std::array kBilinear{TfliteField{2, &S::align_corners}, TfliteField{3, &S::half_pixel_centers}};
constexpr std::array kNearest{TfliteField{0, &S::align_corners}, TfliteField{1, &S::half_pixel_centers}};
constexpr std::array kLeaky{TfliteField{0, &S::alpha}};
constexpr std::array kGelu{TfliteField{0, &S::approximate}};
constexpr std::span<const TfliteField> kNoFields{};

constexpr std::array kOps{
    TfliteOpRow{TfliteOp::add, "ADD", 11, kArithmetic},
    TfliteOpRow{TfliteOp::average_pool_2d, "AVERAGE_POOL_2D", 5, kPool},
    TfliteOpRow{TfliteOp::concatenation, "CONCATENATION", 10, kConcatenation},
    TfliteOpRow{TfliteOp::conv_2d, "CONV_2D", 1, kConvolution},
    TfliteOpRow{TfliteOp::depthwise_conv_2d, "DEPTHWISE_CONV_2D", 2, kDepthwise},
    TfliteOpRow{TfliteOp::dequantize, "DEQUANTIZE", 0, kNoFields},
    TfliteOpRow{TfliteOp::fully_connected, "FULLY_CONNECTED", 8, kFullyConnected},
    TfliteOpRow{TfliteOp::logistic, "LOGISTIC", 0, kNoFields},
    TfliteOpRow{TfliteOp::max_pool_2d, "MAX_POOL_2D", 5, kPool},
    TfliteOpRow{TfliteOp::mul, "MUL", 21, kArithmetic},
    TfliteOpRow{TfliteOp::relu, "RELU", 0, kNoFields},
    TfliteOpRow{TfliteOp::relu_n1_to_1, "RELU_N1_TO_1", 0, kNoFields},
    TfliteOpRow{TfliteOp::relu6, "RELU6", 0, kNoFields},
    TfliteOpRow{TfliteOp::reshape, "RESHAPE", 0, kNoFields},
    TfliteOpRow{TfliteOp::resize_bilinear, "RESIZE_BILINEAR", 15, kBilinear},
    TfliteOpRow{TfliteOp::softmax, "SOFTMAX", 9, kSoftmax},
    TfliteOpRow{TfliteOp::tanh, "TANH", 0, kNoFields},
    TfliteOpRow{TfliteOp::pad, "PAD", 0, kNoFields},
    TfliteOpRow{TfliteOp::transpose, "TRANSPOSE", 0, kNoFields},
    TfliteOpRow{TfliteOp::mean, "MEAN", 27, kReducer},
    TfliteOpRow{TfliteOp::sub, "SUB", 28, kArithmetic},
    TfliteOpRow{TfliteOp::div, "DIV", 29, kArithmetic},
    TfliteOpRow{TfliteOp::squeeze, "SQUEEZE", 0, kNoFields},
    TfliteOpRow{TfliteOp::exp, "EXP", 0, kNoFields},
    TfliteOpRow{TfliteOp::prelu, "PRELU", 0, kNoFields},
    TfliteOpRow{TfliteOp::maximum, "MAXIMUM", 0, kNoFields},
    TfliteOpRow{TfliteOp::minimum, "MINIMUM", 0, kNoFields},
    TfliteOpRow{TfliteOp::neg, "NEG", 0, kNoFields},
    TfliteOpRow{TfliteOp::padv2, "PADV2", 0, kNoFields},
    TfliteOpRow{TfliteOp::greater, "GREATER", 0, kNoFields},
    TfliteOpRow{TfliteOp::greater_equal, "GREATER_EQUAL", 0, kNoFields},
    TfliteOpRow{TfliteOp::slice, "SLICE", 0, kNoFields},
    TfliteOpRow{TfliteOp::log, "LOG", 0, kNoFields},
    TfliteOpRow{TfliteOp::sqrt, "SQRT", 0, kNoFields},
    TfliteOpRow{TfliteOp::rsqrt, "RSQRT", 0, kNoFields},
    TfliteOpRow{TfliteOp::reduce_max, "REDUCE_MAX", 27, kReducer},
    TfliteOpRow{TfliteOp::resize_nearest_neighbor, "RESIZE_NEAREST_NEIGHBOR", 74, kNearest},
    TfliteOpRow{TfliteOp::leaky_relu, "LEAKY_RELU", 75, kLeaky},
    TfliteOpRow{TfliteOp::squared_difference, "SQUARED_DIFFERENCE", 0, kNoFields},
    TfliteOpRow{TfliteOp::abs, "ABS", 0, kNoFields},
    TfliteOpRow{TfliteOp::elu, "ELU", 0, kNoFields},
    TfliteOpRow{TfliteOp::quantize, "QUANTIZE", 0, kNoFields},
    TfliteOpRow{TfliteOp::hard_swish, "HARD_SWISH", 0, kNoFields},
    TfliteOpRow{TfliteOp::select_v2, "SELECT_V2", 0, kNoFields},
    TfliteOpRow{TfliteOp::gelu, "GELU", 116, kGelu},
};

struct TfliteType {
  DType dtype;
  std::int8_t number;
};
constexpr std::array kTfliteTypes{TfliteType{DType::float32, 0},  TfliteType{DType::float16, 1},
                                  TfliteType{DType::int32, 2},    TfliteType{DType::uint8, 3},
                                  TfliteType{DType::int64, 4},    TfliteType{DType::boolean, 6},
                                  TfliteType{DType::int16, 7},    TfliteType{DType::int8, 9},
                                  TfliteType{DType::float64, 10}, TfliteType{DType::bfloat16, 18}};

bool has_float16_input(const TfliteModel& model, const TfliteOperator& op) {
  return std::ranges::any_of(op.inputs, [&](std::int32_t input) {
    return input >= 0 && model.tensors[static_cast<std::size_t>(input)].dtype == DType::float16;
  });
}

const TfliteTensor* tflite_argument(const TfliteModel& model, const std::vector<std::int32_t>& places,
                                    std::size_t i) {
  return i < places.size() && places[i] >= 0 ? &model.tensors[static_cast<std::size_t>(places[i])] : nullptr;
}

bool computes_in_int8(const TfliteModel& model, const TfliteOperator& op) {
  const TfliteTensor* x = tflite_argument(model, op.inputs, 0);
  return x != nullptr && x->dtype == DType::int8;
}

/// Of a convolution whose kernel has fewer input channels than the image.
bool has_groups(const TfliteModel& model, const TfliteOperator& op) {
  const TfliteTensor* x = tflite_argument(model, op.inputs, 0);
  const TfliteTensor* kernel = tflite_argument(model, op.inputs, 1);
  return x != nullptr && kernel != nullptr && x->shape.rank() == 4 && kernel->shape.rank() == 4 &&
         x->shape[3] != kernel->shape[3];
}

/// Whether one step of the product is a step of the result or more.
bool multiplies_steps(const TfliteModel& model, const TfliteOperator& op) {
  const auto scale = [&](const std::vector<std::int32_t>& places, std::size_t i) {
    const TfliteTensor* tensor = tflite_argument(model, places, i);
    return tensor == nullptr || tensor->quantization.scale.empty() ? 0.0F : tensor->quantization.scale[0];
  };
  return scale(op.inputs, 0) * scale(op.inputs, 1) >= scale(op.outputs, 0);
}

/// Versions of operators as TensorFlow's own tools number them where they read 8-bit numbers.
std::int32_t int8_version_of(const TfliteModel& model, const TfliteOperator& op) {
  const TfliteSettings& s = op.settings;
  switch (op.op) {
    case TfliteOp::conv_2d:
      return has_groups(model, op) ? 6 : 3;
    case TfliteOp::depthwise_conv_2d:
      return 3;
    case TfliteOp::fully_connected:
      return s.keep_dims ? 5 : 4;
    case TfliteOp::mul:
      return multiplies_steps(model, op) ? 3 : 2;
    case TfliteOp::resize_bilinear:
    case TfliteOp::resize_nearest_neighbor:
      return s.half_pixel_centers ? 3 : 2;
    case TfliteOp::transpose:
      return model.tensors[static_cast<std::size_t>(op.inputs[0])].shape.rank() > 4 ? 4 : 2;
    case TfliteOp::slice:
      return model.tensors[static_cast<std::size_t>(op.inputs[0])].shape.rank() > 4 ? 5 : 2;
    // They always had 8 bits, or have one version for both.
    case TfliteOp::reshape:
    case TfliteOp::squeeze:
    case TfliteOp::quantize:
    case TfliteOp::hard_swish:
    case TfliteOp::leaky_relu:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

const TfliteOpRow* find_tflite_op(TfliteOp op) {
  const auto* const found = std::ranges::find(kOps, op, &TfliteOpRow::op);
  return found == kOps.end() ? nullptr : found;
}

std::string to_string(TfliteOp op) {
  const TfliteOpRow* row = find_tflite_op(op);
  return row == nullptr ? cat("number ", static_cast<int>(op)) : std::string(row->name);
}

std::int32_t version_of(const TfliteModel& model, const TfliteOperator& op) {
  if (computes_in_int8(model, op)) return int8_version_of(model, op);
  const TfliteSettings& s = op.settings;
  switch (op.op) {
    case TfliteOp::depthwise_conv_2d:
      return s.dilation_height != 1 || s.dilation_width != 1 ? 2 : 1;
    case TfliteOp::fully_connected:
      return s.keep_dims ? 5 : 1;
    case TfliteOp::resize_bilinear:
    case TfliteOp::resize_nearest_neighbor:
      return s.half_pixel_centers ? 3 : 1;
    case TfliteOp::dequantize:
      return has_float16_input(model, op) ? 3 : 1;
    default:
      return 1;
  }
}

std::int8_t tflite_type_of(DType dtype) {
  const auto* const found = std::ranges::find(kTfliteTypes, dtype, &TfliteType::dtype);
  if (found == kTfliteTypes.end())
    fail(ErrorKind::unsupported, "TensorFlow Lite has no elements of the type ", to_string(dtype));
  return found->number;
}

std::optional<DType> dtype_of_tflite(std::int8_t type) {
  const auto* const found = std::ranges::find(kTfliteTypes, type, &TfliteType::number);
  return found == kTfliteTypes.end() ? std::nullopt : std::optional(found->dtype);
}

}  // namespace graft::formats

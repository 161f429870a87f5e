// SPDX-License-Identifier: Apache-2.0
// TensorFlow Lite's (LiteRT's) files as lists of operators and tensors, without meaning. Numbers of
// operators, of their settings and of types are those of the published schema
// (tensorflow/lite/schema/schema.fbs, version 3).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/tensor.hpp"

namespace graft::formats {

/// BuiltinOperator of the schema: those that graft writes or reads.
enum class TfliteOp : std::int32_t {
  add = 0,
  average_pool_2d = 1,
  concatenation = 2,
  conv_2d = 3,
  depthwise_conv_2d = 4,
  dequantize = 6,
  fully_connected = 9,
  logistic = 14,
  max_pool_2d = 17,
  mul = 18,
  relu = 19,
  relu_n1_to_1 = 20,
  relu6 = 21,
  reshape = 22,
  resize_bilinear = 23,
  softmax = 25,
  tanh = 28,
  pad = 34,
  transpose = 39,
  mean = 40,
  sub = 41,
  div = 42,
  squeeze = 43,
  exp = 47,
  prelu = 54,
  maximum = 55,
  minimum = 57,
  neg = 59,
  padv2 = 60,
  greater = 61,
  greater_equal = 62,
  slice = 65,
  log = 73,
  sqrt = 75,
  rsqrt = 76,
  reduce_max = 82,
  resize_nearest_neighbor = 97,
  leaky_relu = 98,
  squared_difference = 99,
  abs = 101,
  elu = 111,
  quantize = 114,
  hard_swish = 117,
  select_v2 = 123,
  gelu = 150,
};
/// "CONV_2D"; the number for one that is not listed.
[[nodiscard]] std::string to_string(TfliteOp op);

/// The function that an operator applies to its sum.
enum class TfliteActivation : std::int8_t { none = 0, relu = 1, relu_n1_to_1 = 2, relu6 = 3, tanh = 4 };

/// The settings of all operators together; each reads and writes those of its table only.
struct TfliteSettings {
  std::int8_t padding = 1;  ///< 0: "same", as TensorFlow pads; 1: none
  std::int32_t stride_height = 1, stride_width = 1;
  std::int32_t dilation_height = 1, dilation_width = 1;
  std::int32_t filter_height = 1, filter_width = 1;  ///< of pooling
  std::int32_t depth_multiplier = 1;
  std::int8_t activation = 0;  ///< a TfliteActivation
  std::int32_t axis = 0;       ///< of a concatenation
  bool keep_dims =
      false;  ///< reductions: the axes stay, with size 1; fully connected: all axes but the last stay
  bool align_corners = false, half_pixel_centers = false;
  bool approximate = false;  ///< GELU by tanh
  float alpha = 0;           ///< LEAKY_RELU's slope
  float beta = 1;            ///< SOFTMAX's factor
};

struct TfliteOperator {
  TfliteOp op = TfliteOp::add;
  std::vector<std::int32_t> inputs;  ///< places in TfliteModel::tensors; -1: left out
  std::vector<std::int32_t> outputs;
  TfliteSettings settings;
};

/// How real numbers r are kept as integers q: r = scale (q - zero_point).
struct TfliteQuantization {
  std::vector<float> scale;              ///< one, or one for each place along `axis`; empty: not quantised
  std::vector<std::int64_t> zero_point;  ///< as many
  std::int32_t axis = 0;
};

struct TfliteTensor {
  std::string name;
  Shape shape;  ///< -1: open
  DType dtype = DType::float32;
  std::optional<Tensor> value;  ///< fixed elements; memory may be shared with weights
  TfliteQuantization quantization;
};

struct TfliteModel {
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;  ///< in the order of computing
  std::vector<std::int32_t> inputs, outputs;
  std::string description;
  /// Named blocks of bytes; "TFLITE_METADATA" is that of Android's task library.
  std::map<std::string, std::string> metadata;
  /// Files at the end of the file, as a zip: "labels.txt".
  std::map<std::string, std::string> files;
};

/// What Android's task library and code generators read of an image classifier.
struct TfliteTask {
  std::string name, description, version;
  bool grey = false;
  std::string output_name;
  bool labels = false;
};
/// The content of the metadata "TFLITE_METADATA" (the published metadata_schema.fbs, identifier M001): the
/// input is an RGB image (grey where it has one channel) without normalisation; labels.txt, where there are
/// class names, names the output's last axis.
[[nodiscard]] std::string tflite_task_metadata(const TfliteTask& task);

/// How an image's pixels p from 0 to 255 become the file's input: (p - mean) / deviation, one number or one a
/// channel.
struct TfliteNormalization {
  std::vector<float> mean, deviation;
};
/// What the metadata of Android's task library says of the first input; nothing where it says nothing. Throws
/// Error{bad_file} for metadata that are broken.
[[nodiscard]] std::optional<TfliteNormalization> tflite_normalization(const TfliteModel& model);

/// Largest file that FlatBuffers can address.
inline constexpr std::uint64_t kMostTfliteBytes = (std::uint64_t{1} << 31) - (std::uint64_t{1} << 20);

/// True for the first bytes (8 of them) of a TensorFlow Lite file.
[[nodiscard]] bool looks_like_tflite(std::string_view head);

/// Writes the file, whole or not at all. Equal models make equal bytes. Errors: Error{unsupported} for more
/// than kMostTfliteBytes; Error{io}.
void write_tflite(const std::filesystem::path& path, const TfliteModel& model);

/// Reads a file. Errors: Error{not_found}; Error{bad_file} a broken or cut file; Error{unsupported} several
/// subgraphs, operators of other programs, an operator that is not a TfliteOp, types of elements that graft
/// does not know. Memory is bounded by a small multiple of the file's size.
[[nodiscard]] TfliteModel read_tflite(const std::filesystem::path& path);
/// The same from memory, without files at the end. name stands for the bytes in messages.
[[nodiscard]] TfliteModel read_tflite(std::string_view content, const std::string& name);

}  // namespace graft::formats

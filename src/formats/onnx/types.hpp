// SPDX-License-Identifier: Apache-2.0
// Numbers of ONNX's messages: onnx.proto says what they are.
#pragma once

#include <cstdint>
#include <optional>

#include "graft/tensor.hpp"

namespace graft::formats::onnx_fields {

// ModelProto
inline constexpr std::uint32_t kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kModelDoc = 6, kGraph = 7,
                               kOpsetImport = 8, kModelMetadata = 14, kFunctions = 25;
// OperatorSetIdProto
inline constexpr std::uint32_t kOpsetDomain = 1, kOpsetVersion = 2;
// StringStringEntryProto
inline constexpr std::uint32_t kEntryKey = 1, kEntryValue = 2;
// GraphProto
inline constexpr std::uint32_t kNode = 1, kGraphName = 2, kInitializer = 5, kInput = 11, kOutput = 12,
                               kSparseInitializer = 15;
// NodeProto
inline constexpr std::uint32_t kNodeInput = 1, kNodeOutput = 2, kNodeName = 3, kNodeOp = 4,
                               kNodeAttribute = 5, kNodeDomain = 7;
// AttributeProto, and the values of its field type
inline constexpr std::uint32_t kAttributeName = 1, kFloat = 2, kInt = 3, kString = 4, kTensor = 5,
                               kFloats = 7, kInts = 8, kStrings = 9, kAttributeType = 20;
inline constexpr std::int64_t kTypeFloat = 1, kTypeInt = 2, kTypeString = 3, kTypeTensor = 4, kTypeFloats = 6,
                              kTypeInts = 7, kTypeStrings = 8;
// TensorProto
inline constexpr std::uint32_t kDims = 1, kDataType = 2, kSegment = 3, kFloatData = 4, kInt32Data = 5,
                               kInt64Data = 7, kTensorName = 8, kRawData = 9, kDoubleData = 10,
                               kExternalData = 13, kDataLocation = 14;
// ValueInfoProto, TypeProto, TypeProto.Tensor, TensorShapeProto, Dimension
inline constexpr std::uint32_t kValueName = 1, kValueType = 2, kTensorType = 1, kElementType = 1, kShape = 2,
                               kDimension = 1, kDimensionValue = 1, kDimensionName = 2;

/// TensorProto.DataType of a type.
[[nodiscard]] std::int64_t onnx_type(DType type);
/// The type of a TensorProto.DataType; nothing for one that graft has no word for.
[[nodiscard]] std::optional<DType> dtype_of(std::int64_t onnx_type);

}  // namespace graft::formats::onnx_fields

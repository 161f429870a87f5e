// SPDX-License-Identifier: Apache-2.0
// The tables of the published schema: numbers of fields, and which settings each operator's table has.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "graft/formats/tflite.hpp"

namespace graft::formats {

inline constexpr const char* kTfliteIdentifier = "TFL3";

// The numbers of the tables' fields, in the schema's order.
namespace tflite_model {
enum { version, operator_codes, subgraphs, description, buffers, metadata_buffer, metadata, signature_defs };
}
namespace tflite_operator_code {
enum { deprecated_builtin_code, custom_code, version, builtin_code };
}
namespace tflite_subgraph {
enum { tensors, inputs, outputs, operators, name };
}
namespace tflite_tensor {
enum { shape, type, buffer, name, quantization, is_variable, sparsity, shape_signature };
}
namespace tflite_quantization {
enum { min, max, scale, zero_point, details_type, details, quantized_dimension };
}
namespace tflite_operator {
enum { opcode_index, inputs, outputs, builtin_options_type, builtin_options };
}
namespace tflite_buffer {
enum { data, offset, size };
}
namespace tflite_metadata {
enum { name, buffer };
}
namespace tflite_signature {
enum { inputs, outputs, signature_key, deprecated_tag, subgraph_index };
}
namespace tflite_tensor_map {
enum { name, tensor_index };
}

/// A field of an operator's table of settings: its number, and the member that holds it.
struct TfliteField {
  int number = 0;
  std::variant<std::int8_t TfliteSettings::*, std::int32_t TfliteSettings::*, bool TfliteSettings::*,
               float TfliteSettings::*>
      member;
  std::int32_t usual = 0;  ///< the value where the field is left out
};

/// What the schema says of an operator.
struct TfliteOpRow {
  TfliteOp op;
  std::string_view name;
  std::uint8_t options;                 ///< BuiltinOptions; 0: it has no table, or one without a field
  std::span<const TfliteField> fields;  ///< of that table
};
/// Null for an operator that is not listed.
[[nodiscard]] const TfliteOpRow* find_tflite_op(TfliteOp op);

/// The version of an operator that its inputs and settings need: old programs refuse newer ones.
[[nodiscard]] std::int32_t version_of(const TfliteModel& model, const TfliteOperator& op);

/// TensorType of the schema; Error{unsupported} for a type that it does not have here.
[[nodiscard]] std::int8_t tflite_type_of(DType dtype);
/// Nothing for a type that graft does not know.
[[nodiscard]] std::optional<DType> dtype_of_tflite(std::int8_t type);

}  // namespace graft::formats

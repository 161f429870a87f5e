// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/types.hpp"

#include <array>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/formats/onnx.hpp"

namespace graft::formats {
namespace onnx_fields {
namespace {

constexpr std::array<std::pair<std::int64_t, DType>, 10> kTypes{{{1, DType::float32},
                                                                 {2, DType::uint8},
                                                                 {3, DType::int8},
                                                                 {5, DType::int16},
                                                                 {6, DType::int32},
                                                                 {7, DType::int64},
                                                                 {9, DType::boolean},
                                                                 {10, DType::float16},
                                                                 {11, DType::float64},
                                                                 {16, DType::bfloat16}}};

}  // namespace

std::int64_t onnx_type(DType type) {
  for (const auto& [number, known] : kTypes) {
    if (known == type) return number;
  }
  fail(ErrorKind::internal, "ONNX has no type ", to_string(type));
}

std::optional<DType> dtype_of(std::int64_t onnx_type) {
  for (const auto& [number, known] : kTypes) {
    if (number == onnx_type) return known;
  }
  return std::nullopt;
}

}  // namespace onnx_fields

OnnxAttribute OnnxAttribute::of(std::string name, std::int64_t value) {
  OnnxAttribute made;
  made.name = std::move(name);
  made.kind = Kind::integer;
  made.integer = value;
  return made;
}

OnnxAttribute OnnxAttribute::of(std::string name, float value) {
  OnnxAttribute made;
  made.name = std::move(name);
  made.kind = Kind::real;
  made.real = value;
  return made;
}

OnnxAttribute OnnxAttribute::of(std::string name, std::string value) {
  OnnxAttribute made;
  made.name = std::move(name);
  made.kind = Kind::text;
  made.text = std::move(value);
  return made;
}

OnnxAttribute OnnxAttribute::of(std::string name, std::vector<std::int64_t> values) {
  OnnxAttribute made;
  made.name = std::move(name);
  made.kind = Kind::integers;
  made.integers = std::move(values);
  return made;
}

const OnnxAttribute* OnnxNode::find(std::string_view attribute) const {
  for (const OnnxAttribute& one : attributes) {
    if (one.name == attribute) return &one;
  }
  return nullptr;
}

}  // namespace graft::formats

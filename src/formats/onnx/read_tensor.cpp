// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/read_tensor.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "formats/byte_tensors.hpp"
#include "formats/input_file.hpp"
#include "formats/onnx/types.hpp"
#include "formats/onnx/wire.hpp"

namespace graft::formats {

using namespace onnx_fields;  // NOLINT(google-build-using-namespace): names of field numbers

void read_onnx_entry(std::string_view bytes, const OnnxContext& context,
                     std::map<std::string, std::string>& to) {
  WireReader reader(bytes, context.file, "pair of texts");
  WireField field;
  std::string key;
  std::string value;
  while (reader.next(field)) {
    if (field.number == kEntryKey) key = reader.text(field);
    if (field.number == kEntryValue) value = reader.text(field);
  }
  to[key] = value;
}

namespace {

// Of a tensor's message.
struct TensorParts {
  std::string name;
  std::vector<std::int64_t> dims;
  std::int64_t type = 0;
  std::string_view raw;
  bool has_raw = false;
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
  std::vector<double> doubles;
  std::map<std::string, std::string> external;
  bool is_external = false;
};

TensorParts read_parts(std::string_view bytes, const OnnxContext& context) {
  WireReader reader(bytes, context.file, "tensor");
  WireField field;
  TensorParts parts;
  while (reader.next(field)) {
    switch (field.number) {
      case kDims:
        reader.append_integers(field, parts.dims);
        break;
      case kDataType:
        parts.type = field.integer();
        break;
      case kSegment:
        fail(ErrorKind::unsupported, context.file, " has a tensor in segments, which graft does not read");
      case kFloatData:
        reader.append_reals(field, parts.floats);
        break;
      case kInt32Data:
      case kInt64Data:
        reader.append_integers(field, parts.integers);
        break;
      case kDoubleData: {
        const std::string_view packed = field.type == WireType::bytes ? field.bytes : std::string_view();
        if (packed.size() % sizeof(double) != 0)
          fail(ErrorKind::bad_file, context.file, " has a tensor with a part of a number");
        const std::size_t before = parts.doubles.size();
        parts.doubles.resize(before + (packed.size() / sizeof(double)));
        if (!packed.empty()) std::memcpy(parts.doubles.data() + before, packed.data(), packed.size());
        break;
      }
      case kTensorName:
        parts.name = reader.text(field);
        break;
      case kRawData:
        parts.raw = reader.content(field);
        parts.has_raw = true;
        break;
      case kExternalData:
        read_onnx_entry(reader.content(field), context, parts.external);
        break;
      case kDataLocation:
        parts.is_external = field.value == 1;
        break;
      default:
        break;
    }
  }
  return parts;
}

[[noreturn]] void bad_tensor(const OnnxContext& context, const TensorParts& parts, const std::string& why) {
  fail(ErrorKind::bad_file, context.file, ": tensor '", parts.name, "' ", why);
}

/// Throws where the file would not have the elements, before there is memory for them.
Shape checked_shape(const OnnxContext& context, const TensorParts& parts) {
  if (parts.dims.size() > 16) bad_tensor(context, parts, cat("has ", parts.dims.size(), " axes"));
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 16;
  std::int64_t count = 1;
  for (const std::int64_t size : parts.dims) {
    if (size < 0 || (size > 0 && count > kMost / size))
      bad_tensor(context, parts, cat("has the impossible shape ", Shape(parts.dims)));
    count *= size;
  }
  return Shape(parts.dims);
}

std::uint64_t number_of(const OnnxContext& context, const TensorParts& parts, const char* key,
                        std::uint64_t fallback) {
  const auto found = parts.external.find(key);
  if (found == parts.external.end()) return fallback;
  std::uint64_t value = 0;
  const char* end = found->second.data() + found->second.size();
  const auto result = std::from_chars(found->second.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end)
    bad_tensor(context, parts, cat("has the external ", key, " '", found->second, "'"));
  return value;
}

Tensor read_external(const OnnxContext& context, const TensorParts& parts, DType dtype, const Shape& shape) {
  if (context.folder.empty())
    fail(ErrorKind::unsupported, context.file, ": tensor '", parts.name, "' is in another file");
  const auto location = parts.external.find("location");
  const std::filesystem::path name = location == parts.external.end() ? "" : location->second;
  if (name.empty() || name.is_absolute() ||
      std::ranges::any_of(name, [](const std::filesystem::path& part) { return part == ".."; }))
    bad_tensor(context, parts, cat("is in the file '", name.string(), "', expected one in the same folder"));
  const auto source = std::make_shared<const InputFile>(context.folder / name);
  const std::uint64_t offset = number_of(context, parts, "offset", 0);
  const std::uint64_t bytes = static_cast<std::uint64_t>(shape.count()) * size_of(dtype);
  if (number_of(context, parts, "length", bytes) != bytes || offset > source->size() ||
      bytes > source->size() - offset)
    bad_tensor(context, parts,
               cat("should have ", bytes, " bytes in ", name.string(), " at ", offset, ", which has ",
                   source->size()));
  return tensor_at(source, offset, {.path = parts.name, .shape = shape, .dtype = dtype, .fetch = {}}).read();
}

void check_count(const OnnxContext& context, const TensorParts& parts, std::uint64_t given,
                 std::int64_t wanted) {
  if (given != static_cast<std::uint64_t>(wanted))
    bad_tensor(context, parts, cat("has ", given, " elements, expected those of ", Shape(parts.dims)));
}

template <typename From>
Tensor from_numbers(const std::vector<From>& numbers, const Shape& shape, DType dtype) {
  Tensor wide(shape, DTypeOf<From>::value);
  if (!numbers.empty()) std::memcpy(wide.raw(), numbers.data(), wide.size_bytes());
  return wide.to(dtype);
}

/// The 16-bit formats stand as their bits in int32_data.
Tensor from_bits(const std::vector<std::int64_t>& numbers, const Shape& shape, DType dtype) {
  Tensor result(shape, dtype);
  auto* to = static_cast<std::uint16_t*>(result.raw());
  for (const std::int64_t number : numbers) *to++ = static_cast<std::uint16_t>(number);
  return result;
}

Tensor to_tensor(const OnnxContext& context, const TensorParts& parts) {
  const std::optional<DType> dtype = dtype_of(parts.type);
  if (!dtype) {
    fail(ErrorKind::unsupported, context.file, ": tensor '", parts.name, "' has elements of ONNX's type ",
         parts.type, ", which graft does not know");
  }
  const Shape shape = checked_shape(context, parts);
  if (parts.is_external) return read_external(context, parts, *dtype, shape);
  const std::int64_t count = shape.count();
  if (parts.has_raw || count == 0) {
    if (parts.raw.size() != static_cast<std::uint64_t>(count) * size_of(*dtype))
      bad_tensor(context, parts,
                 cat("has ", parts.raw.size(), " bytes, expected those of ", to_string(*dtype), " ", shape));
    Tensor result(shape, *dtype);
    if (count > 0) std::memcpy(result.raw(), parts.raw.data(), parts.raw.size());
    if (*dtype == DType::boolean) normalise_booleans(result);
    return result;
  }
  if (*dtype == DType::float32) {
    check_count(context, parts, parts.floats.size(), count);
    return from_numbers(parts.floats, shape, *dtype);
  }
  if (*dtype == DType::float64) {
    check_count(context, parts, parts.doubles.size(), count);
    return from_numbers(parts.doubles, shape, *dtype);
  }
  check_count(context, parts, parts.integers.size(), count);
  if (*dtype == DType::float16 || *dtype == DType::bfloat16) return from_bits(parts.integers, shape, *dtype);
  return from_numbers(parts.integers, shape, *dtype);
}

}  // namespace

OnnxTensor read_onnx_tensor(std::string_view bytes, OnnxContext& context) {
  context.count_part();
  const TensorParts parts = read_parts(bytes, context);
  return {parts.name, to_tensor(context, parts)};
}

}  // namespace graft::formats

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include <flatbuffers/flatbuffers.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"

#include "formats/tflite/schema.hpp"
#include "formats/zip/writer.hpp"

namespace graft::formats {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using TfliteTable = Offset<flatbuffers::Table>;

constexpr std::size_t kBufferAlignment = 16;  // of a buffer's data, by the schema
constexpr int kSchemaVersion = 3;

flatbuffers::voffset_t place_of(int field) {
  return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(field));
}

/// One table while its fields are added. What it points to must be made before.
class TableBuilder {
 public:
  explicit TableBuilder(FlatBufferBuilder& builder) : builder_(builder), start_(builder.StartTable()) {}
  template <typename T>
  void add(int field, T value, T usual = T{}) {
    builder_.AddElement<T>(place_of(field), value, usual);
  }
  template <typename T>
  void point(int field, Offset<T> to) {
    if (!to.IsNull()) builder_.AddOffset(place_of(field), to);
  }
  TfliteTable end() { return {builder_.EndTable(start_)}; }

 private:
  FlatBufferBuilder& builder_;
  flatbuffers::uoffset_t start_;
};

class TfliteWriter {
 public:
  explicit TfliteWriter(const TfliteModel& model) : model_(model), builder_(expected_bytes(model)) {}

  /// The bytes, valid as long as the writer.
  std::string_view write() {
    const auto codes = operator_codes();
    const auto subgraph = builder_.CreateVector(std::vector<TfliteTable>{make_subgraph()});
    const auto metadata = make_metadata();
    const auto buffers = make_buffers();
    const auto signatures = builder_.CreateVector(std::vector<TfliteTable>{make_signature()});
    const auto description = builder_.CreateString(model_.description);
    TableBuilder table(builder_);
    table.add<std::uint32_t>(tflite_model::version, kSchemaVersion);
    table.point(tflite_model::operator_codes, codes);
    table.point(tflite_model::subgraphs, subgraph);
    table.point(tflite_model::description, description);
    table.point(tflite_model::buffers, buffers);
    table.point(tflite_model::metadata, metadata);
    table.point(tflite_model::signature_defs, signatures);
    builder_.Finish(table.end(), kTfliteIdentifier);
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

 private:
  static std::size_t expected_bytes(const TfliteModel& model) {
    std::uint64_t bytes = std::uint64_t{1} << 16;
    for (const TfliteTensor& tensor : model.tensors) {
      bytes += 256 + tensor.name.size();
      if (tensor.value) bytes += tensor.value->size_bytes() + kBufferAlignment;
    }
    for (const auto& [name, content] : model.metadata) bytes += content.size();
    bytes += 256 * model.operators.size();
    if (bytes > kMostTfliteBytes) {
      fail(ErrorKind::unsupported, "a TensorFlow Lite file holds at most ", kMostTfliteBytes,
           " bytes, and this model has ", bytes, "; write it in 16 bits or as ONNX");
    }
    return bytes;
  }

  Offset<flatbuffers::Vector<std::int32_t>> integers(const std::vector<std::int32_t>& values) {
    return builder_.CreateVector(values);
  }

  Offset<flatbuffers::Vector<TfliteTable>> operator_codes() {
    std::vector<TfliteTable> codes;
    for (const TfliteOperator& op : model_.operators) {
      const Code code{op.op, version_of(model_, op)};
      if (std::ranges::find(codes_, code) != codes_.end()) continue;
      codes_.push_back(code);
      TableBuilder table(builder_);
      // Older programs read the byte.
      constexpr std::int32_t kMostInAByte = 127;
      const auto number = static_cast<std::int32_t>(op.op);
      table.add<std::int8_t>(tflite_operator_code::deprecated_builtin_code,
                             static_cast<std::int8_t>(std::min(number, kMostInAByte)));
      table.add<std::int32_t>(tflite_operator_code::version, code.version, 1);
      table.add<std::int32_t>(tflite_operator_code::builtin_code, number);
      codes.push_back(table.end());
    }
    return builder_.CreateVector(codes);
  }

  TfliteTable make_settings(const TfliteOpRow& row, const TfliteSettings& settings) {
    TableBuilder table(builder_);
    for (const TfliteField& field : row.fields) {
      std::visit(
          [&](auto member) {
            using T = std::remove_cvref_t<decltype(settings.*member)>;
            if constexpr (std::is_same_v<T, bool>) {
              table.add<std::uint8_t>(field.number, settings.*member ? 1 : 0);
            } else {
              table.add<T>(field.number, settings.*member, static_cast<T>(field.usual));
            }
          },
          field.member);
    }
    return table.end();
  }

  TfliteTable make_operator(const TfliteOperator& op) {
    const TfliteOpRow* row = find_tflite_op(op.op);
    if (row == nullptr) fail(ErrorKind::internal, "an operator without a row: ", to_string(op.op));
    const auto inputs = integers(op.inputs);
    const auto outputs = integers(op.outputs);
    const TfliteTable settings = row->options == 0 ? TfliteTable() : make_settings(*row, op.settings);
    const auto code = std::ranges::find(codes_, Code{op.op, version_of(model_, op)}) - codes_.begin();
    TableBuilder table(builder_);
    table.add<std::uint32_t>(tflite_operator::opcode_index, static_cast<std::uint32_t>(code));
    table.point(tflite_operator::inputs, inputs);
    table.point(tflite_operator::outputs, outputs);
    table.add<std::uint8_t>(tflite_operator::builtin_options_type, row->options);
    table.point(tflite_operator::builtin_options, settings);
    return table.end();
  }

  TfliteTable make_quantization(const TfliteQuantization& q) {
    if (q.scale.empty()) return {};
    const auto scale = builder_.CreateVector(q.scale);
    const auto zero = builder_.CreateVector(q.zero_point);
    TableBuilder table(builder_);
    table.point(tflite_quantization::scale, scale);
    table.point(tflite_quantization::zero_point, zero);
    table.add<std::int32_t>(tflite_quantization::quantized_dimension, q.axis);
    return table.end();
  }

  /// An open size is 1 in the shape and -1 in the signature.
  TfliteTable make_tensor(const TfliteTensor& tensor, std::uint32_t buffer) {
    std::vector<std::int32_t> sizes, signature;
    for (const std::int64_t size : tensor.shape.sizes()) {
      sizes.push_back(static_cast<std::int32_t>(std::max<std::int64_t>(size, 1)));
      signature.push_back(static_cast<std::int32_t>(size));
    }
    const auto shape = integers(sizes);
    const auto open =
        tensor.shape.is_open() ? integers(signature) : Offset<flatbuffers::Vector<std::int32_t>>();
    const auto name = builder_.CreateString(tensor.name);
    const TfliteTable quantization = make_quantization(tensor.quantization);
    TableBuilder table(builder_);
    table.point(tflite_tensor::shape, shape);
    table.add<std::int8_t>(tflite_tensor::type, tflite_type_of(tensor.dtype));
    table.add<std::uint32_t>(tflite_tensor::buffer, buffer);
    table.point(tflite_tensor::name, name);
    table.point(tflite_tensor::quantization, quantization);
    table.point(tflite_tensor::shape_signature, open);
    return table.end();
  }

  /// Buffer 0 is empty, for all tensors without elements; then one for each tensor with elements.
  TfliteTable make_subgraph() {
    std::vector<TfliteTable> tensors, operators;
    std::uint32_t buffer = 0;
    for (const TfliteTensor& tensor : model_.tensors)
      tensors.push_back(make_tensor(tensor, tensor.value ? ++buffer : 0));
    for (const TfliteOperator& op : model_.operators) operators.push_back(make_operator(op));
    const auto all_tensors = builder_.CreateVector(tensors);
    const auto all_operators = builder_.CreateVector(operators);
    const auto inputs = integers(model_.inputs);
    const auto outputs = integers(model_.outputs);
    const auto name = builder_.CreateString("main");
    TableBuilder table(builder_);
    table.point(tflite_subgraph::tensors, all_tensors);
    table.point(tflite_subgraph::inputs, inputs);
    table.point(tflite_subgraph::outputs, outputs);
    table.point(tflite_subgraph::operators, all_operators);
    table.point(tflite_subgraph::name, name);
    metadata_buffer_ = buffer + 1;
    return table.end();
  }

  Offset<flatbuffers::Vector<TfliteTable>> make_metadata() {
    std::vector<TfliteTable> entries;
    std::uint32_t buffer = metadata_buffer_;
    for (const auto& [name, content] : model_.metadata) {
      const auto text = builder_.CreateString(name);
      TableBuilder table(builder_);
      table.point(tflite_metadata::name, text);
      table.add<std::uint32_t>(tflite_metadata::buffer, buffer++);
      entries.push_back(table.end());
    }
    return builder_.CreateVector(entries);
  }

  TfliteTable make_buffer(const std::uint8_t* bytes, std::size_t count) {
    builder_.ForceVectorAlignment(count, 1, kBufferAlignment);
    const auto data = builder_.CreateVector(bytes, count);
    TableBuilder table(builder_);
    table.point(tflite_buffer::data, data);
    return table.end();
  }

  Offset<flatbuffers::Vector<TfliteTable>> make_buffers() {
    std::vector<TfliteTable> buffers{TableBuilder(builder_).end()};
    for (const TfliteTensor& tensor : model_.tensors) {
      if (!tensor.value) continue;
      const auto* bytes = static_cast<const std::uint8_t*>(tensor.value->raw());
      buffers.push_back(make_buffer(bytes, tensor.value->size_bytes()));
    }
    for (const auto& [name, content] : model_.metadata)
      buffers.push_back(make_buffer(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()));
    return builder_.CreateVector(buffers);
  }

  Offset<flatbuffers::Vector<TfliteTable>> make_map(const std::vector<std::int32_t>& tensors) {
    std::vector<TfliteTable> entries;
    for (const std::int32_t tensor : tensors) {
      const auto name = builder_.CreateString(model_.tensors[static_cast<std::size_t>(tensor)].name);
      TableBuilder table(builder_);
      table.point(tflite_tensor_map::name, name);
      table.add<std::uint32_t>(tflite_tensor_map::tensor_index, static_cast<std::uint32_t>(tensor));
      entries.push_back(table.end());
    }
    return builder_.CreateVector(entries);
  }

  TfliteTable make_signature() {
    const auto inputs = make_map(model_.inputs);
    const auto outputs = make_map(model_.outputs);
    const auto key = builder_.CreateString("serving_default");
    TableBuilder table(builder_);
    table.point(tflite_signature::inputs, inputs);
    table.point(tflite_signature::outputs, outputs);
    table.point(tflite_signature::signature_key, key);
    return table.end();
  }

  struct Code {
    TfliteOp op;
    std::int32_t version;
    friend bool operator==(const Code&, const Code&) = default;
  };

  const TfliteModel& model_;
  FlatBufferBuilder builder_;
  std::vector<Code> codes_;
  std::uint32_t metadata_buffer_ = 0;
};

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

/// Adds to a number of the zip's directory, which is stored with its lowest byte first.
void add_at(std::string& bytes, std::size_t at, std::uint32_t by) {
  const std::uint32_t number = number_at(bytes, at) + by;
  std::memcpy(bytes.data() + at, &number, sizeof(number));
}

/// The files as a zip whose places count from `begin` bytes before it, as programs expect that look for it at
/// the end of a TensorFlow Lite file.
std::string zip_of(const std::map<std::string, std::string>& files, const std::filesystem::path& beside,
                   std::size_t begin) {
  constexpr std::size_t kEnd = 22, kEntries = 10, kDirectory = 16;  // of the end record
  constexpr std::size_t kHeader = 46, kNameLength = 28, kExtraLength = 30, kCommentLength = 32, kPlace = 42;
  std::vector<ZipContent> contents;
  contents.reserve(files.size());
  for (const auto& [name, content] : files) contents.push_back({.name = name, .pieces = {content}});
  AtomicFile scratch(std::filesystem::path(beside).concat(".files"));  // never committed
  write_zip(scratch.temporary_path(), contents);
  std::string bytes = read_file(scratch.temporary_path(), kMostTfliteBytes);
  const std::size_t end = bytes.size() - kEnd;
  std::uint16_t entries = 0;
  std::memcpy(&entries, bytes.data() + end + kEntries, sizeof(entries));
  std::size_t at = number_at(bytes, end + kDirectory);
  add_at(bytes, end + kDirectory, static_cast<std::uint32_t>(begin));
  for (std::uint16_t i = 0; i < entries; ++i) {
    add_at(bytes, at + kPlace, static_cast<std::uint32_t>(begin));
    std::size_t length = kHeader;
    for (const std::size_t field : {kNameLength, kExtraLength, kCommentLength}) {
      std::uint16_t part = 0;
      std::memcpy(&part, bytes.data() + at + field, sizeof(part));
      length += part;
    }
    at += length;
  }
  return bytes;
}

}  // namespace

void write_tflite(const std::filesystem::path& path, const TfliteModel& model) {
  TfliteWriter writer(model);
  const std::string_view bytes = writer.write();
  if (model.files.empty()) return write_file_atomically(path, bytes);
  const std::string zip = zip_of(model.files, path, bytes.size());
  const std::array<std::string_view, 2> pieces{bytes, zip};
  write_file_atomically(path, pieces);
}

}  // namespace graft::formats

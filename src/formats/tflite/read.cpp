// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"

#include "formats/tflite/schema.hpp"
#include "formats/tflite/table_view.hpp"
#include "formats/zip/reader.hpp"

namespace graft::formats {
namespace {

constexpr std::size_t kMostTables = 100'000;  // of tensors, and of operators: no network has as many
constexpr std::size_t kMostTfliteAxes = 8;

class TfliteReader {
 public:
  explicit TfliteReader(const CheckedBytes& bytes) : bytes_(bytes), root_(bytes, bytes.follow(0)) {}

  TfliteModel read() {
    const std::vector<TableView> subgraphs = root_.tables(tflite_model::subgraphs);
    if (subgraphs.size() != 1)
      fail(ErrorKind::unsupported, bytes_.name(), " has ", subgraphs.size(),
           " graphs; graft reads files with one");
    buffers_ = root_.tables(tflite_model::buffers);
    const TableView& graph = subgraphs.front();
    read_tensors(graph);
    read_operators(graph);
    model_.inputs = places(graph.numbers<std::int32_t>(tflite_subgraph::inputs));
    model_.outputs = places(graph.numbers<std::int32_t>(tflite_subgraph::outputs));
    model_.description = root_.text(tflite_model::description);
    for (const TableView& entry : root_.tables(tflite_model::metadata))
      model_.metadata[entry.text(tflite_metadata::name)] =
          std::string(buffer(entry.number<std::uint32_t>(tflite_metadata::buffer)));
    return std::move(model_);
  }

 private:
  std::string_view buffer(std::uint32_t number) const {
    if (number >= buffers_.size())
      fail(ErrorKind::bad_file, bytes_.name(), " names buffer ", number, " of ", buffers_.size());
    const TableView& table = buffers_[number];
    const auto offset = table.number<std::uint64_t>(tflite_buffer::offset);
    // Large files have the data behind the tables.
    if (offset > 1) return bytes_.piece(offset, table.number<std::uint64_t>(tflite_buffer::size));
    return table.block(tflite_buffer::data);
  }

  std::vector<std::int32_t> places(std::vector<std::int32_t> given) const {
    for (const std::int32_t one : given) {
      if (one < -1 || one >= static_cast<std::int32_t>(model_.tensors.size()))
        fail(ErrorKind::bad_file, bytes_.name(), " names tensor ", one, " of ", model_.tensors.size());
    }
    return given;
  }

  void check_count(std::size_t count, const char* what) const {
    if (count > kMostTables)
      fail(ErrorKind::resource_limit, bytes_.name(), " has ", count, " ", what, "; graft reads at most ",
           kMostTables);
  }

  TfliteTensor read_tensor(const TableView& table) {
    TfliteTensor tensor{
        .name = table.text(tflite_tensor::name), .shape = {}, .value = {}, .quantization = {}};
    std::vector<std::int32_t> sizes = table.numbers<std::int32_t>(tflite_tensor::shape_signature);
    const std::vector<std::int32_t> shape = table.numbers<std::int32_t>(tflite_tensor::shape);
    if (sizes.size() != shape.size()) sizes = shape;
    if (sizes.size() > kMostTfliteAxes)
      fail(ErrorKind::unsupported, bytes_.name(), ": tensor '", tensor.name, "' has ", sizes.size(), " axes");
    for (const std::int32_t size : sizes)
      if (size < -1)
        fail(ErrorKind::bad_file, bytes_.name(), ": tensor '", tensor.name, "' has the size ", size);
    tensor.shape = Shape({sizes.begin(), sizes.end()});
    const auto type = table.number<std::int8_t>(tflite_tensor::type);
    const std::optional<DType> dtype = dtype_of_tflite(type);
    if (!dtype) {
      fail(ErrorKind::unsupported, bytes_.name(), ": tensor '", tensor.name, "' has elements of type ",
           static_cast<int>(type), ", which graft does not read");
    }
    tensor.dtype = *dtype;
    if (const auto q = table.table(tflite_tensor::quantization)) {
      tensor.quantization = {.scale = q->numbers<float>(tflite_quantization::scale),
                             .zero_point = q->numbers<std::int64_t>(tflite_quantization::zero_point),
                             .axis = q->number<std::int32_t>(tflite_quantization::quantized_dimension)};
    }
    const std::string_view data = buffer(table.number<std::uint32_t>(tflite_tensor::buffer));
    if (!data.empty()) tensor.value = elements(tensor, shape, data);
    return tensor;
  }

  Tensor elements(const TfliteTensor& tensor, const std::vector<std::int32_t>& sizes, std::string_view data) {
    const Shape shape({sizes.begin(), sizes.end()});
    if (shape.is_open() || static_cast<std::uint64_t>(shape.count()) > data.size())
      fail(ErrorKind::bad_file, bytes_.name(), ": tensor '", tensor.name, "' ", shape, " has only ",
           data.size(), " bytes");
    // Tensors may share a buffer.
    constexpr std::uint64_t kShared = 4;
    elements_ += data.size();
    if (elements_ > kShared * bytes_.size())
      fail(ErrorKind::resource_limit, bytes_.name(), ": its tensors have many times the file's bytes");
    Tensor value(shape, tensor.dtype);
    if (value.size_bytes() != data.size()) {
      fail(ErrorKind::bad_file, bytes_.name(), ": tensor '", tensor.name, "' ", shape, " of ",
           to_string(tensor.dtype), " has ", data.size(), " bytes, expected ", value.size_bytes());
    }
    std::memcpy(value.raw(), data.data(), data.size());
    return value;
  }

  void read_tensors(const TableView& graph) {
    const std::vector<TableView> tables = graph.tables(tflite_subgraph::tensors);
    check_count(tables.size(), "tensors");
    model_.tensors.reserve(tables.size());
    for (const TableView& table : tables) model_.tensors.push_back(read_tensor(table));
  }

  static void read_settings(const TfliteOpRow& row, const TableView& table, TfliteSettings& settings) {
    for (const TfliteField& field : row.fields) {
      std::visit(
          [&](auto member) {
            using T = std::remove_cvref_t<decltype(settings.*member)>;
            if constexpr (std::is_same_v<T, bool>) {
              settings.*member = table.number<std::uint8_t>(field.number) != 0;
            } else {
              settings.*member = table.number<T>(field.number, static_cast<T>(field.usual));
            }
          },
          field.member);
    }
  }

  TfliteOp operator_of(const std::vector<TableView>& codes, const TableView& table) const {
    const auto index = table.number<std::uint32_t>(tflite_operator::opcode_index);
    if (index >= codes.size())
      fail(ErrorKind::bad_file, bytes_.name(), " names operator code ", index, " of ", codes.size());
    const std::string custom = codes[index].text(tflite_operator_code::custom_code);
    if (!custom.empty())
      fail(ErrorKind::unsupported, bytes_.name(), " uses the operator '", custom.substr(0, 60),
           "' of another program, which graft does not know");
    // Files before 2020 have only the byte.
    return static_cast<TfliteOp>(std::max<std::int32_t>(
        codes[index].number<std::int8_t>(tflite_operator_code::deprecated_builtin_code),
        codes[index].number<std::int32_t>(tflite_operator_code::builtin_code)));
  }

  void read_operators(const TableView& graph) {
    const std::vector<TableView> codes = root_.tables(tflite_model::operator_codes);
    const std::vector<TableView> tables = graph.tables(tflite_subgraph::operators);
    check_count(tables.size(), "operators");
    for (const TableView& table : tables) {
      TfliteOperator op{.op = operator_of(codes, table),
                        .inputs = places(table.numbers<std::int32_t>(tflite_operator::inputs)),
                        .outputs = places(table.numbers<std::int32_t>(tflite_operator::outputs)),
                        .settings = {}};
      const TfliteOpRow* row = find_tflite_op(op.op);
      if (row == nullptr) {
        fail(ErrorKind::unsupported, bytes_.name(), ": TensorFlow Lite's operator ", to_string(op.op),
             " is not one that graft knows");
      }
      if (row->options != 0) {
        const auto settings = table.table(tflite_operator::builtin_options);
        if (settings && table.number<std::uint8_t>(tflite_operator::builtin_options_type) == row->options)
          read_settings(*row, *settings, op.settings);
      }
      model_.operators.push_back(std::move(op));
    }
  }

  const CheckedBytes& bytes_;
  TableView root_;
  std::vector<TableView> buffers_;
  TfliteModel model_;
  std::uint64_t elements_ = 0;
};

/// The files at its end, where there is a zip.
std::map<std::string, std::string> files_in(const std::filesystem::path& path, std::string_view bytes) {
  constexpr std::size_t kFarthest = (1U << 16U) + 22;  // of the end record from the file's end
  constexpr std::uint64_t kMostLabels = std::uint64_t{16} << 20U;
  const std::string_view end = bytes.substr(bytes.size() - std::min(bytes.size(), kFarthest));
  std::map<std::string, std::string> files;
  if (end.rfind("PK\x05\x06") == std::string_view::npos) return files;
  ZipReader zip(path, "a TensorFlow Lite file with labels", kMostLabels, true);
  for (const ZipEntry& entry : zip.entries())
    if (entry.size <= kMostLabels) files[entry.name] = zip.read(entry);
  return files;
}

}  // namespace

bool looks_like_tflite(std::string_view head) {
  constexpr std::size_t kPlace = 4;
  return head.size() >= kPlace + 4 && head.substr(kPlace, 4) == kTfliteIdentifier;
}

TfliteModel read_tflite(std::string_view content, const std::string& name) {
  if (!looks_like_tflite(content))
    fail(ErrorKind::bad_file, name, " is not a TensorFlow Lite file: it does not begin as one");
  const CheckedBytes bytes(content, name);
  return TfliteReader(bytes).read();
}

TfliteModel read_tflite(const std::filesystem::path& path) {
  const std::string content = read_file(path, kMostTfliteBytes);
  TfliteModel model = read_tflite(content, path.string());
  model.files = files_in(path, content);
  return model;
}

}  // namespace graft::formats

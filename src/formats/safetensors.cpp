// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/safetensors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "formats/byte_tensors.hpp"
#include "formats/json_text.hpp"
#include "formats/output_file.hpp"

namespace graft::formats {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 16U << 20U;
constexpr std::size_t kMaxAxes = 32;
constexpr const char* kMetadataKey = "__metadata__";

struct DTypeWord {
  std::string_view word;
  DType dtype;
};
constexpr std::array<DTypeWord, 10> kDTypeWords = {{{"F64", DType::float64},
                                                    {"F32", DType::float32},
                                                    {"F16", DType::float16},
                                                    {"BF16", DType::bfloat16},
                                                    {"I64", DType::int64},
                                                    {"I32", DType::int32},
                                                    {"I16", DType::int16},
                                                    {"I8", DType::int8},
                                                    {"U8", DType::uint8},
                                                    {"BOOL", DType::boolean}}};

/// One entry of the header; begin and end count from the first byte after it.
struct Entry {
  std::string name;
  Shape shape;
  DType dtype = DType::float32;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class HeaderReader {
 public:
  explicit HeaderReader(const ByteSource& source) : source_(source) {}

  std::vector<Entry> read() {
    const std::string head = source_.head(9);
    if (head.size() < 9 || head[8] != '{') fail_wrong_format(source_, "a safetensors file");
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = (length << 8U) | static_cast<unsigned char>(head[i]);
    if (length > kMaxHeaderBytes) {
      fail(ErrorKind::resource_limit, source_.name(), ": a safetensors header of ", length,
           " bytes; graft reads up to ", kMaxHeaderBytes);
    }
    std::string text(static_cast<std::size_t>(length), '\0');
    source_.read(8, text);
    data_at_ = 8 + length;
    const Json header = parse_json(text, cat(source_.name(), ": the header"));
    if (!header.is_object()) broken("it is not an object");
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name != kMetadataKey) entries.push_back(entry(name, value));
    }
    check_layout(entries);
    return entries;
  }

  [[nodiscard]] std::uint64_t data_at() const { return data_at_; }

 private:
  [[noreturn]] void broken(const std::string& what) const {
    fail(ErrorKind::bad_file, source_.name(), ": its safetensors header is broken: ", what);
  }

  [[nodiscard]] std::uint64_t number(const Json& value, const std::string& name) const {
    if (!value.is_number_unsigned()) broken(cat("tensor '", printable(name), "' has a size that is none"));
    return value.get<std::uint64_t>();
  }

  [[nodiscard]] Entry entry(const std::string& name, const Json& value) const {
    const auto field = [&](const char* key) -> const Json& {
      if (!value.is_object() || !value.contains(key))
        broken(cat("tensor '", printable(name), "' has no ", key));
      return value.at(key);
    };
    const Json& word = field("dtype");
    const Json& sizes = field("shape");
    const Json& offsets = field("data_offsets");
    if (!word.is_string() || !sizes.is_array() || sizes.size() > kMaxAxes || !offsets.is_array() ||
        offsets.size() != 2) {
      broken(cat("tensor '", printable(name), "' is not described as it should be"));
    }
    Entry result{.name = name};
    const auto type = std::ranges::find(kDTypeWords, word.get_ref<const std::string&>(), &DTypeWord::word);
    if (type == kDTypeWords.end()) {
      fail(ErrorKind::unsupported, source_.name(), ": tensor '", printable(name), "' has elements of type ",
           printable(word.get_ref<const std::string&>()), ", which graft does not read");
    }
    result.dtype = type->dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = size_of(result.dtype);
    for (const Json& size : sizes) {
      const std::uint64_t count = number(size, name);
      if (count > std::uint64_t{std::numeric_limits<std::int64_t>::max()} ||
          __builtin_mul_overflow(bytes, count, &bytes)) {
        broken(cat("tensor '", printable(name), "' claims a size beyond any memory"));
      }
      shape.push_back(static_cast<std::int64_t>(count));
    }
    result.shape = Shape(std::move(shape));
    result.begin = number(offsets[0], name);
    result.end = number(offsets[1], name);
    if (result.end < result.begin || result.end - result.begin != bytes) {
      broken(cat("tensor '", printable(name), "' of shape ", result.shape, " needs ", bytes,
                 " bytes, and its offsets are ", result.begin, " and ", result.end));
    }
    return result;
  }

  /// The tensors must fill the rest of the file, each byte once.
  void check_layout(std::vector<Entry>& entries) const {
    std::ranges::stable_sort(entries, [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t at = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != at) {
        broken(cat("tensor '", printable(entry.name), "' begins at ", entry.begin, ", expected at ", at));
      }
      at = entry.end;
    }
    const std::uint64_t room = source_.size() - data_at_;
    if (at > room) {
      fail(ErrorKind::bad_file, source_.name(), " is truncated: its tensors need ", at, " bytes, and ", room,
           " are there. Fetch it again");
    }
    if (at < room) broken(cat(room - at, " bytes after the last tensor belong to none"));
  }

  const ByteSource& source_;
  std::uint64_t data_at_ = 0;
};

}  // namespace

StoredTensors open_safetensors(const std::filesystem::path& path) {
  const std::shared_ptr<const ByteSource> source = std::make_shared<InputFile>(path);
  HeaderReader reader(*source);
  StoredTensors result;
  for (Entry& entry : reader.read()) {
    result.push_back(
        tensor_at(source, reader.data_at() + entry.begin,
                  {.path = std::move(entry.name), .shape = entry.shape, .dtype = entry.dtype, .fetch = {}}));
  }
  return result;
}

NamedTensors read_safetensors(const std::filesystem::path& path) { return read_all(open_safetensors(path)); }

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [](const NamedTensor* tensor) { return size_of(tensor->tensor.dtype()); });
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  std::uint64_t at = 0;
  for (const NamedTensor* tensor : order) {
    if (header.contains(tensor->path)) {
      fail(ErrorKind::invalid_argument, "the name '", tensor->path, "' is used twice");
    }
    const auto type = std::ranges::find(kDTypeWords, tensor->tensor.dtype(), &DTypeWord::dtype);
    const std::uint64_t end = at + tensor->tensor.size_bytes();
    header[tensor->path] = {
        {"dtype", type->word}, {"shape", tensor->tensor.shape().sizes()}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = json_text(header, "the names of the tensors");
  // Spaces make the tensors begin at a multiple of 8.
  text.append((8 - (text.size() % 8)) % 8, ' ');
  std::string length;
  for (unsigned i = 0; i < 8; ++i)
    length += static_cast<char>((static_cast<std::uint64_t>(text.size()) >> (8 * i)) & 0xFFU);
  OutputFile out(path);
  out.write(length);
  out.write(text);
  for (const NamedTensor* tensor : order) out.write(tensor->tensor);
  out.commit();
}

}  // namespace graft::formats

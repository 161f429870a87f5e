// SPDX-License-Identifier: Apache-2.0
// The format is described in numpy's NEP 1.
#include "graft/formats/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "graft/base/fail.hpp"

#include "formats/byte_tensors.hpp"
#include "formats/numpy/npy_format.hpp"
#include "formats/output_file.hpp"
#include "formats/strided_copy.hpp"

namespace graft::formats {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = 1U << 16U;
constexpr std::size_t kMaxRank = 32;

struct TypeWord {
  std::string_view word;
  DType dtype;
};
constexpr std::array<TypeWord, 9> kTypes = {{{"<f4", DType::float32},
                                             {"<f8", DType::float64},
                                             {"<f2", DType::float16},
                                             {"|i1", DType::int8},
                                             {"<i2", DType::int16},
                                             {"<i4", DType::int32},
                                             {"<i8", DType::int64},
                                             {"|u1", DType::uint8},
                                             {"|b1", DType::boolean}}};

struct Header {
  DType dtype = DType::float32;
  bool fortran_order = false;
  Shape shape;
  std::uint64_t data_at = 0;
};

/// The text after 'key': in the header, a Python dictionary's text.
std::string_view value_of(const std::string& text, std::string_view key, const std::string& name) {
  const std::size_t at = text.find(cat("'", key, "'"));
  const std::size_t colon = at == std::string::npos ? at : text.find(':', at);
  const std::size_t start = colon == std::string::npos ? colon : text.find_first_not_of(' ', colon + 1);
  if (start == std::string::npos) fail(ErrorKind::bad_file, name, ": the .npy header has no '", key, "'");
  return std::string_view(text).substr(start);
}

Shape parse_shape(std::string_view text, const std::string& name) {
  const std::size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) {
    fail(ErrorKind::bad_file, name, ": the .npy header's shape is broken");
  }
  std::vector<std::int64_t> sizes;
  const char* at = text.data() + 1;
  const char* const last = text.data() + end;
  while (at != last) {
    if (*at == ' ' || *at == ',' || *at == 'L') {
      ++at;
      continue;
    }
    std::int64_t size = 0;
    const auto [next, error] = std::from_chars(at, last, size);
    if (error != std::errc{} || size < 0 || sizes.size() == kMaxRank) {
      fail(ErrorKind::bad_file, name, ": the .npy header's shape is broken");
    }
    sizes.push_back(size);
    at = next;
  }
  return Shape(std::move(sizes));
}

DType parse_type(std::string_view text, const std::string& name) {
  for (const TypeWord& type : kTypes) {
    if (text.size() > 4 && text[0] == '\'' && text.substr(1, 3) == type.word && text[4] == '\'')
      return type.dtype;
  }
  const std::string_view word = text.substr(0, std::min<std::size_t>(text.find(','), 20));
  fail(ErrorKind::unsupported, name, " holds elements of type ", word,
       ", which graft does not read; expected float32, float64 or little-endian integers");
}

Header read_header(const ByteSource& source) {
  const std::string head = source.head(12);
  if (!head.starts_with(kMagic)) fail_wrong_format(source, "a numpy array (.npy)");
  const auto byte = [&head](std::size_t i) { return std::size_t{static_cast<unsigned char>(head.at(i))}; };
  if (head.size() < 12) fail(ErrorKind::bad_file, source.name(), " is truncated within its .npy header");
  const bool old = byte(6) == 1;
  if (byte(6) < 1 || byte(6) > 3) {
    fail(ErrorKind::unsupported, source.name(), " has .npy version ", byte(6), ", expected 1 to 3");
  }
  const std::size_t length = byte(8) | byte(9) << 8U | (old ? 0 : byte(10) << 16U | byte(11) << 24U);
  if (length > kMaxHeader)
    fail(ErrorKind::bad_file, source.name(), ": the .npy header claims ", length, " bytes");
  std::string text(length, '\0');
  Header header;
  source.read(old ? 10 : 12, text);
  header.data_at = (old ? 10 : 12) + length;
  header.dtype = parse_type(value_of(text, "descr", source.name()), source.name());
  header.fortran_order = value_of(text, "fortran_order", source.name()).starts_with("True");
  header.shape = parse_shape(value_of(text, "shape", source.name()), source.name());
  return header;
}

/// The header's dictionary, filled up so that magic, version, length and text fill whole blocks of 64 bytes.
std::string header_text(std::string_view type, const std::vector<std::int64_t>& sizes) {
  std::string text = cat("{'descr': '", type, "', 'fortran_order': False, 'shape': (");
  for (const std::int64_t size : sizes) text += cat(size, ", ");
  // A tuple of one keeps its comma, longer ones end without.
  if (sizes.size() == 1) text.pop_back();
  if (sizes.size() > 1) text.resize(text.size() - 2);
  text += "), }";
  text.append(63 - ((10 + text.size()) % 64), ' ');
  text += '\n';
  return text;
}

std::string head_of(const std::string& header) {
  std::string bytes(kMagic);
  bytes += '\x01';
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  return bytes + header;
}

std::string_view type_word(const Tensor& tensor) {
  const auto type = std::ranges::find(kTypes, tensor.dtype(), &TypeWord::dtype);
  if (type == kTypes.end()) {
    fail(ErrorKind::unsupported, "numpy has no ", to_string(tensor.dtype()),
         "; convert the tensor to float32 first");
  }
  return type->word;
}

/// The characters of a text; each byte outside well-formed UTF-8 becomes U+FFFD.
std::u32string characters_of(std::string_view text) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::u32string characters;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const std::size_t length = byte(0) < 0x80   ? 1
                               : byte(0) < 0xC2 ? 0
                               : byte(0) < 0xE0 ? 2
                               : byte(0) < 0xF0 ? 3
                               : byte(0) < 0xF5 ? 4
                                                : 0;
    char32_t character = length <= 1 ? byte(0) : byte(0) & (0x7FU >> length);
    bool good = length > 0 && at + length <= text.size();
    for (std::size_t i = 1; good && i < length; ++i) {
      good = (byte(i) & 0xC0U) == 0x80;
      character = character << 6U | (byte(i) & 0x3FU);
    }
    // Longer than need be, half of a pair, or beyond Unicode.
    good = good && !(length == 3 && character < 0x800) && !(length == 4 && character < 0x10000) &&
           !(character >= 0xD800 && character < 0xE000) && character <= 0x10FFFF;
    characters += good ? character : kReplacement;
    at += good ? length : 1;
  }
  return characters;
}

/// Fortran order: the first axis fastest. Rows are not together then, so the whole is read at once.
StoredTensor fortran_tensor(const std::shared_ptr<const ByteSource>& source, const Header& header) {
  StoredTensor result{.path = "", .shape = header.shape, .dtype = header.dtype, .fetch = {}};
  std::vector<std::int64_t> strides;
  std::int64_t stride = 1;
  for (const std::int64_t size : header.shape.sizes()) {
    strides.push_back(stride);
    stride *= size;
  }
  result.fetch = [source, strides, header](std::int64_t begin, Tensor& rows) {
    Tensor whole(header.shape, header.dtype);
    source->read(header.data_at, {static_cast<char*>(whole.raw()), whole.size_bytes()});
    // Row begin starts begin elements into the first axis, whose stride is 1.
    copy_strided(
        static_cast<const char*>(whole.raw()) + (static_cast<std::size_t>(begin) * size_of(header.dtype)),
        strides, rows);
    normalise_booleans(rows);
  };
  return result;
}

}  // namespace

std::string npy_head(const Tensor& tensor) {
  return head_of(header_text(type_word(tensor), tensor.shape().sizes()));
}

std::string npy_head(const Shape& shape, std::size_t bytes) {
  std::string text = header_text("<f4", shape.sizes());
  constexpr std::size_t kBeforeText = 10;
  if (kBeforeText + text.size() < bytes) text.insert(text.size() - 1, bytes - kBeforeText - text.size(), ' ');
  return head_of(text);
}

std::string npy_of_texts(const std::vector<std::string>& texts) {
  std::vector<std::u32string> rows;
  std::size_t longest = 1;  // numpy has no texts of no length
  for (const std::string& text : texts) {
    rows.push_back(characters_of(text));
    longest = std::max(longest, rows.back().size());
  }
  std::string bytes = head_of(header_text(cat("<U", longest), {static_cast<std::int64_t>(texts.size())}));
  for (std::u32string& row : rows) {
    row.resize(longest, U'\0');
    for (const char32_t character : row) {
      for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(character >> shift & 0xFFU);
    }
  }
  return bytes;
}

StoredTensor open_npy(const std::shared_ptr<const ByteSource>& source) {
  const Header header = read_header(*source);
  const auto count = static_cast<std::uint64_t>(header.shape.count());
  const std::uint64_t room = source->size() - header.data_at;
  if (count > room / size_of(header.dtype)) {
    fail(ErrorKind::bad_file, source->name(), " is truncated: shape ", header.shape, " of ",
         to_string(header.dtype), " needs ", count, " elements, and ", room, " bytes are there");
  }
  if (header.fortran_order && header.shape.rank() > 1) return fortran_tensor(source, header);
  return tensor_at(source, header.data_at,
                   {.path = "", .shape = header.shape, .dtype = header.dtype, .fetch = {}});
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  const std::string head = npy_head(tensor);
  OutputFile out(path);
  out.write(head);
  out.write(tensor);
  out.commit();
}

Tensor read_npy(const std::filesystem::path& path) {
  return open_npy(std::make_shared<InputFile>(path)).read();
}

}  // namespace graft::formats

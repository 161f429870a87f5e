// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/wire.hpp"

#include <bit>
#include <cstring>

#include "graft/base/fail.hpp"

namespace graft::formats {

float WireField::real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }

void WireReader::broken(const std::string& why) const {
  fail(ErrorKind::bad_file, file_, " is no ONNX file, or it is broken: in a ", message_, " ", why);
}

std::uint64_t WireReader::varint(std::string_view& from) const {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (from.empty()) broken("a number is cut off");
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  broken("a number has more than 10 bytes");
}

std::uint64_t WireReader::fixed(std::size_t count) {
  if (rest_.size() < count) broken("a number is cut off");
  std::uint64_t value = 0;
  std::memcpy(&value, rest_.data(), count);  // little-endian, as all machines that graft runs on
  rest_.remove_prefix(count);
  return value;
}

bool WireReader::next(WireField& field) {
  if (rest_.empty()) return false;
  const std::uint64_t key = varint(rest_);
  if (key >> 3U == 0 || key >> 3U > 0x1FFFFFFFU) broken(cat("there is a field ", key >> 3U));
  field = {.number = static_cast<std::uint32_t>(key >> 3U), .type = static_cast<WireType>(key & 7U)};
  switch (field.type) {
    case WireType::varint:
      field.value = varint(rest_);
      return true;
    case WireType::fixed64:
      field.value = fixed(8);
      return true;
    case WireType::fixed32:
      field.value = fixed(4);
      return true;
    case WireType::bytes: {
      const std::uint64_t size = varint(rest_);
      if (size > rest_.size())
        broken(cat("field ", field.number, " should have ", size, " bytes; ", rest_.size(), " follow"));
      field.bytes = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return true;
    }
  }
  broken(cat("field ", field.number, " has the unknown kind ", key & 7U));
}

std::string_view WireReader::content(const WireField& field) const {
  if (field.type != WireType::bytes) broken(cat("field ", field.number, " is a number, expected bytes"));
  return field.bytes;
}

void WireReader::append_integers(const WireField& field, std::vector<std::int64_t>& to) const {
  if (field.type != WireType::bytes) return to.push_back(field.integer());
  std::string_view rest = field.bytes;
  while (!rest.empty()) to.push_back(static_cast<std::int64_t>(varint(rest)));
}

void WireReader::append_reals(const WireField& field, std::vector<float>& to) const {
  if (field.type == WireType::fixed32) return to.push_back(field.real());
  const std::string_view packed = content(field);
  if (packed.size() % sizeof(float) != 0) broken(cat("field ", field.number, " has a part of a number"));
  const std::size_t before = to.size();
  to.resize(before + (packed.size() / sizeof(float)));
  if (!packed.empty()) std::memcpy(to.data() + before, packed.data(), packed.size());
}

void WireWriter::varint(std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) out_.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
  out_.push_back(static_cast<char>(value));
}

void WireWriter::key(std::uint32_t field, WireType type) {
  varint((static_cast<std::uint64_t>(field) << 3U) | static_cast<std::uint64_t>(type));
}

void WireWriter::integer(std::uint32_t field, std::int64_t value) {
  key(field, WireType::varint);
  varint(static_cast<std::uint64_t>(value));
}

void WireWriter::real(std::uint32_t field, float value) {
  key(field, WireType::fixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8) out_.push_back(static_cast<char>((bits >> shift) & 0xFFU));
}

void WireWriter::begin_bytes(std::uint32_t field, std::uint64_t size) {
  key(field, WireType::bytes);
  varint(size);
}

void WireWriter::bytes(std::uint32_t field, std::string_view content) {
  begin_bytes(field, content.size());
  out_.append(content);
}

void WireWriter::integers(std::uint32_t field, const std::vector<std::int64_t>& values) {
  for (const std::int64_t value : values) integer(field, value);
}

void WireWriter::reals(std::uint32_t field, const std::vector<float>& values) {
  for (const float value : values) real(field, value);
}

}  // namespace graft::formats

// SPDX-License-Identifier: Apache-2.0
// The bytes of protobuf messages: fields of a number and a value, one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace graft::formats {

/// How a field's value is stored.
enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field. Of bytes the content is a view of the message.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t value = 0;  ///< of varint, fixed64 and fixed32
  std::string_view bytes;

  [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(value); }
  [[nodiscard]] float real() const;  ///< of fixed32
};

/// Reads a message's fields from front to back. Errors: Error{bad_file} naming `file` and the message.
class WireReader {
 public:
  /// file and message must live as long as the reader.
  WireReader(std::string_view bytes, const std::string& file, const char* message)
      : rest_(bytes), file_(file), message_(message) {}
  /// The next field; false at the end.
  bool next(WireField& field);
  /// The numbers of a repeated field, which are packed into one or stand alone.
  void append_integers(const WireField& field, std::vector<std::int64_t>& to) const;
  void append_reals(const WireField& field, std::vector<float>& to) const;
  /// The content of a field that must be bytes.
  [[nodiscard]] std::string_view content(const WireField& field) const;
  [[nodiscard]] std::string text(const WireField& field) const { return std::string(content(field)); }
  [[noreturn]] void broken(const std::string& why) const;

 private:
  [[nodiscard]] std::uint64_t varint(std::string_view& from) const;
  [[nodiscard]] std::uint64_t fixed(std::size_t count);

  std::string_view rest_;
  const std::string& file_;
  const char* message_;
};

/// Builds a message.
class WireWriter {
 public:
  void integer(std::uint32_t field, std::int64_t value);
  void real(std::uint32_t field, float value);
  void bytes(std::uint32_t field, std::string_view content);
  /// Only the beginning of a field of bytes: its content follows otherwise.
  void begin_bytes(std::uint32_t field, std::uint64_t size);
  void integers(std::uint32_t field, const std::vector<std::int64_t>& values);
  void reals(std::uint32_t field, const std::vector<float>& values);
  /// Adds a finished message.
  void message(std::uint32_t field, const WireWriter& content) { bytes(field, content.out_); }
  [[nodiscard]] const std::string& result() const { return out_; }

 private:
  void key(std::uint32_t field, WireType type);
  void varint(std::uint64_t value);

  std::string out_;
};

}  // namespace graft::formats

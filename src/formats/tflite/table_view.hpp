// SPDX-License-Identifier: Apache-2.0
// Tables of a FlatBuffers file whose bytes nobody has checked: every place is compared with the file's size.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "graft/base/fail.hpp"

namespace graft::formats {

/// The bytes of a file, and its name for messages. Numbers have their lowest byte first.
class CheckedBytes {
 public:
  CheckedBytes(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  template <typename T>
  [[nodiscard]] T number(std::uint64_t at) const {
    T value{};
    std::memcpy(&value, piece(at, sizeof(T)).data(), sizeof(T));
    return value;
  }
  [[nodiscard]] std::string_view piece(std::uint64_t at, std::uint64_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at)
      fail(ErrorKind::bad_file, name_, " is not a whole TensorFlow Lite file: it points to byte ", at, " of ",
           bytes_.size());
    return bytes_.substr(at, count);
  }
  /// Where the offset at this place leads.
  [[nodiscard]] std::uint64_t follow(std::uint64_t at) const { return at + number<std::uint32_t>(at); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::string name_;
};

/// One table. Fields are those of the schema, by their numbers.
class TableView {
 public:
  TableView(const CheckedBytes& bytes, std::uint64_t at) : bytes_(&bytes), at_(at) {
    const std::int64_t fields = static_cast<std::int64_t>(at) - bytes.number<std::int32_t>(at);
    if (fields < 0)
      fail(ErrorKind::bad_file, bytes.name(),
           " is not a whole TensorFlow Lite file: a table begins before it");
    fields_ = static_cast<std::uint64_t>(fields);
    size_ = bytes.number<std::uint16_t>(fields_);
  }

  template <typename T>
  [[nodiscard]] T number(int field, T usual = T{}) const {
    const std::uint64_t at = place(field);
    return at == 0 ? usual : bytes_->number<T>(at);
  }
  [[nodiscard]] std::optional<TableView> table(int field) const {
    const std::uint64_t at = place(field);
    return at == 0 ? std::nullopt : std::optional(TableView(*bytes_, bytes_->follow(at)));
  }
  [[nodiscard]] std::string text(int field) const { return std::string(block(field)); }
  /// A vector of bytes, or a text: valid as long as the file's bytes.
  [[nodiscard]] std::string_view block(int field) const {
    const auto [at, count] = vector(field, 1);
    return count == 0 ? std::string_view() : bytes_->piece(at, count);
  }
  template <typename T>
  [[nodiscard]] std::vector<T> numbers(int field) const {
    const auto [at, count] = vector(field, sizeof(T));
    std::vector<T> result(count);
    if (count > 0) std::memcpy(result.data(), bytes_->piece(at, count * sizeof(T)).data(), count * sizeof(T));
    return result;
  }
  [[nodiscard]] std::vector<TableView> tables(int field) const {
    const auto [at, count] = vector(field, sizeof(std::uint32_t));
    std::vector<TableView> result;
    result.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i)
      result.emplace_back(*bytes_, bytes_->follow(at + i * sizeof(std::uint32_t)));
    return result;
  }

 private:
  struct Vector {
    std::uint64_t at = 0, count = 0;
  };
  /// Of a field; 0: it is left out.
  [[nodiscard]] std::uint64_t place(int field) const {
    const std::uint64_t entry = 4 + 2 * static_cast<std::uint64_t>(field);
    if (entry + 2 > size_) return 0;
    const auto offset = bytes_->number<std::uint16_t>(fields_ + entry);
    return offset == 0 ? 0 : at_ + offset;
  }
  [[nodiscard]] Vector vector(int field, std::uint64_t element) const {
    const std::uint64_t at = place(field);
    if (at == 0) return {};
    const std::uint64_t begin = bytes_->follow(at);
    const std::uint64_t count = bytes_->number<std::uint32_t>(begin);
    static_cast<void>(bytes_->piece(begin + sizeof(std::uint32_t), count * element));
    return {begin + sizeof(std::uint32_t), count};
  }

  const CheckedBytes* bytes_;
  std::uint64_t at_;
  std::uint64_t fields_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace graft::formats

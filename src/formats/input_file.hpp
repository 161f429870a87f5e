// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace graft::formats {

/// Bytes that can be read at any place: a file or memory. name() stands for it in messages.
class ByteSource {
 public:
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills out from offset. Throws Error{bad_file} when the bytes are not all there.
  void read(std::uint64_t offset, std::span<char> out) const;
  /// The first bytes, at most count.
  [[nodiscard]] std::string head(std::size_t count) const;

 private:
  /// Only called for ranges inside [0, size()).
  virtual void read_inside(std::uint64_t offset, std::span<char> out) const = 0;

  std::string name_;
};

/// A regular file. Errors: Error{not_found}, Error{bad_file} for a folder, Error{io}.
class InputFile : public ByteSource {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile() override;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  void read_inside(std::uint64_t offset, std::span<char> out) const override;

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Memory that the caller keeps alive.
class InputMemory : public ByteSource {
 public:
  InputMemory(std::string_view bytes, std::string name) : ByteSource(std::move(name)), bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

 private:
  void read_inside(std::uint64_t offset, std::span<char> out) const override;

  std::string_view bytes_;
};

/// How many bytes may still be unpacked from a file: more than ratio times its size (and a mebibyte) is
/// refused, so that a small hostile file cannot fill the memory.
class UnpackBudget {
 public:
  UnpackBudget(std::uint64_t file_size, std::uint64_t ratio) : left_((file_size * ratio) + (1U << 20U)) {}
  /// False when that is too much; nothing is taken then.
  [[nodiscard]] bool take(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  std::uint64_t left_;
};

/// Throws Error{bad_file}: "NAME is not WANTED: REASON", the reason found from its first bytes (empty, a
/// git-lfs pointer, a web page, another format ...).
[[noreturn]] void fail_wrong_format(const ByteSource& source, std::string_view wanted);

}  // namespace graft::formats

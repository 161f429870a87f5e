// SPDX-License-Identifier: Apache-2.0
// Files that grow for hours: what a run has computed is there while it runs, and after it was killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace graft {

/// Bytes that are appended under a temporary name (the file's name and ".part") until finish(). Errors:
/// Error{io} naming the file and the system's reason. Threads: one user at a time.
class GrowingFile {
 public:
  virtual ~GrowingFile() = default;
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  /// A file that is there under one of its two names; empty: none.
  [[nodiscard]] virtual std::filesystem::path present() const = 0;
  /// Bytes that were appended, as far as they are there.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Reads some of the bytes. at + bytes.size() is at most size().
  virtual void read(std::uint64_t at, std::span<char> bytes) const = 0;
  /// Keeps the first bytes, so that append() continues behind them; also after finish().
  virtual void cut(std::uint64_t size) = 0;
  virtual void append(std::string_view bytes) = 0;
  /// Flushes all to the disk and gives it its name.
  virtual void finish() = 0;

 protected:
  GrowingFile() = default;
};

/// One file.
[[nodiscard]] std::unique_ptr<GrowingFile> growing_file(std::filesystem::path file);

/// Rows in several files: stem-00000.ending, stem-00001.ending, ... Each has its name as soon as it is full.
struct GrowingRows {
  std::filesystem::path stem;       ///< with the folder: "features/features"
  std::string ending;               ///< ".npy"
  std::uint64_t row_bytes = 0;      ///< above 0
  std::uint64_t rows_per_file = 0;  ///< above 0
  /// What a file of this number of rows begins with; always of the same length.
  std::function<std::string(std::uint64_t rows)> head;
};
/// The bytes of its files without their heads are one sequence. Without a row there is one file with a head.
[[nodiscard]] std::unique_ptr<GrowingFile> growing_rows(GrowingRows rows);

}  // namespace graft

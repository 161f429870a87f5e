// SPDX-License-Identifier: Apache-2.0
#include "graft/base/growing_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_file(const fs::path& file, const char* what) {
  fail(ErrorKind::io, file.string(), ": cannot be ", what, ": ", std::strerror(errno));
}

fs::path part_of(fs::path file) { return file += ".part"; }

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(file, ignored));
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_file(to, "renamed");
}

/// The directory entry is on the disk, too. What the system refuses here does not matter.
void flush_folder(const fs::path& file) {
  const fs::path folder = file.parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// An open file of some length.
class OpenFile {
 public:
  OpenFile() = default;
  ~OpenFile() { close(); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void open(const fs::path& file) {
    close();
    file_ = file;
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_file(file, "written");
  }
  void open_to_read(const fs::path& file) {
    close();
    file_ = file;
    descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail_file(file, "read");
  }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

  void write(std::uint64_t at, std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail_file(file_, "written");
      at += static_cast<std::uint64_t>(count);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void read(std::uint64_t at, std::span<char> bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count == 0) errno = EIO;
      if (count <= 0) fail_file(file_, "read");
      at += static_cast<std::uint64_t>(count);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  void cut(std::uint64_t size) const {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail_file(file_, "shortened");
  }
  /// Flushes it and gives it its name.
  void publish(const fs::path& name) {
    if (::fsync(descriptor_) != 0) fail_file(file_, "written");
    close();
    rename_file(file_, name);
    flush_folder(name);
  }

 private:
  fs::path file_;
  int descriptor_ = -1;
};

/// The file under whichever name it has; empty: none.
fs::path either_name(const fs::path& file) {
  if (is_there(part_of(file))) return part_of(file);
  return is_there(file) ? file : fs::path();
}

/// Opens it under its temporary name.
void open_part(const fs::path& file, OpenFile& open) {
  if (either_name(file) == file) rename_file(file, part_of(file));
  open.open(part_of(file));
}

class PlainFile : public GrowingFile {
 public:
  explicit PlainFile(fs::path file) : file_(std::move(file)) {}

  [[nodiscard]] fs::path present() const override { return either_name(file_); }
  [[nodiscard]] std::uint64_t size() const override {
    std::error_code error;
    const fs::path there = present();
    const std::uintmax_t size = there.empty() ? 0 : fs::file_size(there, error);
    return error ? 0 : size;
  }
  void read(std::uint64_t at, std::span<char> bytes) const override {
    OpenFile reader;
    reader.open_to_read(present());
    reader.read(at, bytes);
  }
  void cut(std::uint64_t size) override {
    open_part(file_, open_);
    open_.cut(size);
    end_ = size;
  }
  void append(std::string_view bytes) override {
    if (!open_.is_open()) cut(size());
    open_.write(end_, bytes);
    end_ += bytes.size();
  }
  void finish() override {
    if (!open_.is_open()) cut(size());
    open_.publish(file_);
  }

 private:
  fs::path file_;
  OpenFile open_;
  std::uint64_t end_ = 0;
};

class RowFiles : public GrowingFile {
 public:
  explicit RowFiles(GrowingRows rows)
      : rows_(std::move(rows)),
        head_bytes_(rows_.head(rows_.rows_per_file).size()),
        bytes_per_file_(rows_.row_bytes * rows_.rows_per_file) {}

  [[nodiscard]] fs::path present() const override {
    const std::string begin = rows_.stem.filename().string() + "-";
    const fs::path folder = rows_.stem.parent_path();
    std::error_code error;
    for (fs::directory_iterator at(folder.empty() ? "." : folder, error), end; !error && at != end;
         at.increment(error)) {
      const std::string found = at->path().filename().string();
      const std::size_t digits = found.find_first_not_of("0123456789", begin.size());
      if (!found.starts_with(begin) || digits == std::string::npos || digits < begin.size() + 5) continue;
      if (found.substr(digits) == rows_.ending || found.substr(digits) == rows_.ending + ".part")
        return at->path();
    }
    return {};
  }

  [[nodiscard]] std::uint64_t size() const override {
    std::uint64_t all = 0;
    for (std::uint64_t file = 0;; ++file) {
      std::error_code error;
      const fs::path there = either_name(name(file));
      const std::uintmax_t bytes = there.empty() ? 0 : fs::file_size(there, error);
      if (error || bytes <= head_bytes_) return all;
      all += std::min<std::uint64_t>(bytes - head_bytes_, bytes_per_file_);
      if (bytes - head_bytes_ < bytes_per_file_) return all;
    }
  }

  void read(std::uint64_t at, std::span<char> bytes) const override {
    while (!bytes.empty()) {
      const std::uint64_t within = at % bytes_per_file_;
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), bytes_per_file_ - within));
      OpenFile reader;
      reader.open_to_read(either_name(name(at / bytes_per_file_)));
      reader.read(head_bytes_ + within, bytes.first(count));
      at += count;
      bytes = bytes.subspan(count);
    }
  }

  void cut(std::uint64_t size) override {
    open_.close();
    end_ = size;
    // What comes after the end goes, last file first, so that a kill meanwhile leaves no gap.
    std::uint64_t files = 0;
    while (!either_name(name(files)).empty()) ++files;
    const std::uint64_t kept = (size + bytes_per_file_ - 1) / bytes_per_file_;
    for (; files > kept; --files) {
      std::error_code ignored;
      fs::remove(name(files - 1), ignored);
      fs::remove(part_of(name(files - 1)), ignored);
    }
    const std::uint64_t within = size % bytes_per_file_;
    if (within == 0) return publish_last(kept);
    open_part(name(size / bytes_per_file_), open_);
    open_.cut(head_bytes_ + within);
    open_.write(0, rows_.head(rows_.rows_per_file));
  }

  void append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::uint64_t within = end_ % bytes_per_file_;
      if (!open_.is_open()) begin_file();
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), bytes_per_file_ - within));
      open_.write(head_bytes_ + within, bytes.substr(0, count));
      end_ += count;
      bytes.remove_prefix(count);
      if (end_ % bytes_per_file_ == 0) open_.publish(name(end_ / bytes_per_file_ - 1));
    }
  }

  void finish() override {
    if (!open_.is_open() && end_ > 0) return;
    if (!open_.is_open()) begin_file();
    open_.write(0, rows_.head(end_ % bytes_per_file_ / rows_.row_bytes));
    open_.publish(name(end_ / bytes_per_file_));
  }

 private:
  [[nodiscard]] fs::path name(std::uint64_t file) const {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "-%05llu", static_cast<unsigned long long>(file));
    fs::path result = rows_.stem;
    return (result += digits.data()) += rows_.ending;
  }

  /// A full file that was killed before it had its name.
  void publish_last(std::uint64_t files) {
    if (files == 0 || !is_there(part_of(name(files - 1)))) return;
    open_.open(part_of(name(files - 1)));
    open_.cut(head_bytes_ + bytes_per_file_);
    open_.publish(name(files - 1));
  }

  void begin_file() {
    open_part(name(end_ / bytes_per_file_), open_);
    open_.cut(0);
    open_.write(0, rows_.head(rows_.rows_per_file));
  }

  GrowingRows rows_;
  std::uint64_t head_bytes_;
  std::uint64_t bytes_per_file_;
  OpenFile open_;
  std::uint64_t end_ = 0;
};

}  // namespace

std::unique_ptr<GrowingFile> growing_file(fs::path file) {
  return std::make_unique<PlainFile>(std::move(file));
}

std::unique_ptr<GrowingFile> growing_rows(GrowingRows rows) {
  return std::make_unique<RowFiles>(std::move(rows));
}

}  // namespace graft

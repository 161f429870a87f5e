// SPDX-License-Identifier: Apache-2.0
// Zip and tar archives, read in place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace graft::formats {

/// A file in an archive.
struct ArchiveMember {
  std::string name;         ///< with / between folders, without ./ in front
  std::uint64_t size = 0;   ///< unpacked bytes, as the archive claims
  std::uint64_t place = 0;  ///< where the archive has it
};

/// An archive whose members are indexed once. Names never reach the file system; one that would lead out of a
/// folder, is empty or there twice, or holds a control character, makes the whole archive an error, for it
/// was made to deceive. Links and devices are no members. Threads: read() may be called from several.
class Archive {
 public:
  /// Largest member that read() unpacks.
  static constexpr std::uint64_t kLargestMember = std::uint64_t{1} << 29;

  /// Whether a file begins like a zip archive, or has a tar header.
  [[nodiscard]] static bool is_archive(const std::filesystem::path& file);
  /// Errors: Error{not_found}, Error{bad_file} for a truncated or hostile archive, Error{unsupported} for a
  /// compressed tar.
  [[nodiscard]] static std::unique_ptr<Archive> open(const std::filesystem::path& file);

  virtual ~Archive() = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// In the archive's order.
  [[nodiscard]] const std::vector<ArchiveMember>& members() const { return members_; }
  /// Null when there is none of this name.
  [[nodiscard]] const ArchiveMember* find(const std::string& name) const;
  /// A member's bytes, checked as far as the format allows. Errors: Error{bad_file}; Error{resource_limit}
  /// for one larger than kLargestMember, before it is unpacked. Messages name the member, not the archive.
  [[nodiscard]] std::string read(const ArchiveMember& member) const;

 protected:
  explicit Archive(std::string name) : name_(std::move(name)) {}
  /// Checks the name and adds the member. Hidden files and helper folders of macOS are passed by.
  void add(ArchiveMember member);
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  [[nodiscard]] virtual std::string read_member(const ArchiveMember& member) const = 0;

  std::string name_;
  std::vector<ArchiveMember> members_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace graft::formats

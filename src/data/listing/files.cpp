// SPDX-License-Identifier: Apache-2.0
#include "data/listing/files.hpp"

#include <fstream>
#include <optional>
#include <system_error>

#include "graft/base/fail.hpp"

#include "data/archive/archives.hpp"

namespace graft::data {

namespace fs = std::filesystem;

namespace {

const formats::ArchiveMember* find_member(const formats::Archive& archive, const InArchive& inside) {
  return archive.find(inside.member);
}

std::vector<std::byte> read_member(const InArchive& inside) {
  const std::shared_ptr<const formats::Archive> archive = open_archive(inside.archive);
  const formats::ArchiveMember* member = find_member(*archive, inside);
  if (member == nullptr) fail(ErrorKind::not_found, "there is no such file in the archive");
  const std::string text = archive->read(*member);
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

}  // namespace

bool is_in_archive(const fs::path& path) {
  std::error_code error;
  return !fs::exists(path, error) && in_archive(path).has_value();
}

std::optional<std::uintmax_t> photo_size(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!error) return size;
  const std::optional<InArchive> inside = in_archive(path);
  if (!inside) return std::nullopt;
  const std::shared_ptr<const formats::Archive> archive = open_archive(inside->archive);
  const formats::ArchiveMember* member = find_member(*archive, *inside);
  return member == nullptr ? std::nullopt : std::optional<std::uintmax_t>(member->size);
}

std::vector<std::byte> read_bytes(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (const std::optional<InArchive> inside = fs::exists(status) ? std::nullopt : in_archive(path))
    return read_member(*inside);
  if (status.type() == fs::file_type::not_found) fail(ErrorKind::not_found, "there is no such file");
  if (error) fail(ErrorKind::io, error.message());
  if (!fs::is_regular_file(status)) fail(ErrorKind::io, "not a regular file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) fail(ErrorKind::io, error.message());
  if (size > kMaxFileBytes) fail(ErrorKind::resource_limit, size, " bytes; allowed are ", kMaxFileBytes);
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::ifstream in(path, std::ios::binary);
  if (in) in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) fail(ErrorKind::io, "the file cannot be read");
  return bytes;
}

std::vector<std::byte> read_head(const fs::path& path, std::size_t most) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return {};
  std::vector<std::byte> bytes(most);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return bytes;
}

}  // namespace graft::data

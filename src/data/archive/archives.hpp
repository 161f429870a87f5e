// SPDX-License-Identifier: Apache-2.0
// Archives that are open, each indexed once.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "graft/formats/archive.hpp"

namespace graft::data {

/// An archive, from the index that an earlier call made, unless the file has changed. Threads: any. Errors:
/// of Archive::open.
[[nodiscard]] std::shared_ptr<const formats::Archive> open_archive(const std::filesystem::path& file);

/// A member of an archive.
struct InArchive {
  std::filesystem::path archive;
  std::string member;
};
/// What a path through an archive means; nothing where no part of it is a file.
[[nodiscard]] std::optional<InArchive> in_archive(const std::filesystem::path& path);

}  // namespace graft::data

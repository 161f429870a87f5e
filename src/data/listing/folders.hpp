// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "graft/photos.hpp"

namespace graft::data {

/// ASCII letters made small.
[[nodiscard]] std::string to_lower(std::string text);

/// The entries of a folder; hidden entries (leading dot) left out.
struct Entry {
  std::string name;
  bool is_folder = false;  ///< or a link to a folder
  bool is_link = false;
  std::error_code error{};  ///< why it is not known what a link leads to
};
/// All entries of a folder, sorted by name. error: why it cannot be listed at all. Throws Error{io} when it
/// cannot be listed to its end: a part of it must not pass for the whole.
[[nodiscard]] std::vector<Entry> entries_of(const std::filesystem::path& folder, std::error_code& error);

/// Why a folder with this name and these entries holds no photos to be used: "a folder of the operating
/// system", "a result of graft". Empty: nothing is known against it.
[[nodiscard]] std::string_view reason_to_pass_by(std::string_view name, const std::vector<Entry>& entries);

/// Whether one of options.exclude matches the name or the path below root.
[[nodiscard]] bool is_excluded(const std::filesystem::path& path, const std::filesystem::path& root,
                               const ListOptions& options);

/// Names of the sub-folders that may be classes or parts: visible, not excluded, nothing known against them.
/// Each of the latter adds a sentence to notes. Error{not_found}, Error{io} naming the folder.
[[nodiscard]] std::vector<std::string> useful_folders(const std::filesystem::path& directory,
                                                      const ListOptions& options,
                                                      std::vector<std::string>& notes);

/// Whether the first bytes of a file, or its name, are those of a picture that may be readable.
[[nodiscard]] bool may_be_photo(const std::filesystem::path& file);

}  // namespace graft::data

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/digest.hpp"
#include "store/layout.hpp"

namespace graft {
inline namespace store {

/// A complete file that is about to enter the store.
struct Newcomer {
  std::filesystem::path temporary;  ///< in the store's file system; moved
  Digest::Result content;           ///< of its bytes
  std::string origin;               ///< an address, or the path of the file it was copied from
};

/// Moves the file to its place by content, records it for each of these rows and links their names to it. In
/// this order, so that a process that is killed leaves no name without content. Error{io}.
void keep(const Layout& layout, const std::vector<PublishedFile>& rows, const Newcomer& newcomer);

/// Opens the file as weights, to see whether it is complete and not, for example, a page of a server.
/// Error{bad_file}.
void check_is_weights(const std::filesystem::path& path);

/// Compares content with what the row states and what was recorded for it earlier. Error{bad_file}; what:
/// begins its message: "https://... sent another file than the published one".
void check_newcomer(const Layout& layout, const PublishedFile& row, const Digest::Result& content,
                    const std::string& what);

/// Error{io} where the folder's file system has less room than these bytes and a reserve.
void check_room(const std::filesystem::path& folder, std::uint64_t bytes, const std::string& what);

}  // namespace store
}  // namespace graft

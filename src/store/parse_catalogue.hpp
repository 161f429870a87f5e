// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graft/weights_store.hpp"

namespace graft {
inline namespace store {

/// The rows of a catalogue's text; source: names it in errors. Error{bad_file}.
[[nodiscard]] std::vector<PublishedFile> parse_catalogue(std::string_view text, const std::string& source);

/// Whether a text may become names of folders and files in the store: parts of letters, digits and . _ + - ,
/// separated by '/', none of which begins with '.'.
[[nodiscard]] bool is_safe_name(std::string_view name);

}  // namespace store
}  // namespace graft

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "graft/base/json.hpp"

namespace graft::formats {

/// Parses JSON from a file that may be hostile: nesting is bounded. what names it in messages.
/// Errors: Error{bad_file}, Error{resource_limit}.
[[nodiscard]] Json parse_json(std::string_view text, const std::string& what);

/// ASCII text of a value. Errors: Error{invalid_argument} when it holds text that is not UTF-8.
[[nodiscard]] std::string json_text(const Json& value, const std::string& what);

}  // namespace graft::formats

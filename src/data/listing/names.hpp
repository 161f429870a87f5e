// SPDX-License-Identifier: Apache-2.0
// Names of folders, compared as people read them.
#pragma once

#include <string>
#include <string_view>

namespace graft::data {

/// The code points in Unicode's canonical decomposition, as a Mac writes names: equal for names that look the
/// same. Bytes that are not UTF-8 stay as they are.
[[nodiscard]] std::u32string same_look(std::string_view name);
/// The same with Unicode's case folding: equal for names that differ only in case.
[[nodiscard]] std::u32string same_letters(std::string_view name);

/// Whether a name matches a shell pattern: * any characters, ? one byte.
[[nodiscard]] bool matches_pattern(std::string_view name, std::string_view pattern);

}  // namespace graft::data

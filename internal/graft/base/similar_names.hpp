// SPDX-License-Identifier: Apache-2.0
// Names to offer where a name is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// Positions of up to 5 known names that a person may have meant by `name`, the most similar first: one
/// contains the other, or few letters differ (Levenshtein 1966). Case does not matter.
[[nodiscard]] std::vector<std::size_t> similar_names(std::string_view name,
                                                     const std::vector<std::string>& known);

/// "; similar are a, b", or `otherwise` where none is similar: the end of a message.
[[nodiscard]] std::string similar_text(std::string_view name, const std::vector<std::string>& known,
                                       std::string_view otherwise);

}  // namespace graft
